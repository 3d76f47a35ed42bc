"""A reset of the scene in Gazebo, with a stand-in for Gazebo: what is requested, and when it is done."""

import pytest

from zprl_core.observation import Pose
from zprl_sim.gazebo.scene_reset import ANSWER_S, NEAR_M, QUIET_S, SceneReset
from zprl_sim.gazebo.seen_scene import Sighting
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY


class StandIn:
    """Keeps what a reset requests, and shows it."""

    def __init__(self, deployed: bool = True):
        self.placed: dict[str, Pose] = {}
        self.calls = 0
        self.reset = SceneReset(PICK_TO_TRAY, deployed, 0, self._place)

    def _place(self, name: str, pose: Pose) -> None:
        self.placed[name] = pose
        self.calls += 1

    def seen(self, seen_s: float, off_m: float = 0.0) -> dict[str, Sighting]:
        """Every object, off by `off_m` along x."""
        return {
            name: Sighting(Pose((pose.position[0] + off_m, *pose.position[1:]), pose.yaw), seen_s)
            for name, pose in self.placed.items()
        }


@pytest.mark.parametrize("deployed", [True, False])
def test_a_seed_gives_the_same_scene_as_in_mujoco(deployed: bool) -> None:
    gazebo, robot = StandIn(deployed), SimRobot(PICK_TO_TRAY, deployed)
    for seed in (3, 1_000_017):
        gazebo.reset.request(seed, {}, 0.0)
        robot.place_things(seed)
        for name, pose in robot.things().items():
            assert gazebo.placed[name].position == pytest.approx(pose.position)
            assert gazebo.placed[name].yaw == pytest.approx(pose.yaw)


def test_a_reset_is_done_when_gazebo_shows_the_objects_where_they_belong() -> None:
    gazebo = StandIn()
    first = gazebo.reset.request(3, {}, 10.0)
    assert first.pending and not first.success and set(gazebo.placed) == {"cube", "tray"}
    assert gazebo.reset.request(3, gazebo.seen(9.9), 10.1).pending  # poses of before the request
    assert gazebo.reset.request(3, gazebo.seen(10.1, off_m=NEAR_M + 0.001), 10.2).pending
    answer = gazebo.reset.request(3, gazebo.seen(10.2, off_m=NEAR_M - 0.001), 10.3)
    assert answer.success and not answer.pending and gazebo.calls == 2


def test_the_same_seed_after_a_reset_is_another_reset() -> None:
    gazebo = StandIn()
    gazebo.reset.request(3, {}, 10.0)
    assert gazebo.reset.request(3, gazebo.seen(10.1), 10.2).success
    assert gazebo.reset.request(3, gazebo.seen(10.3), 10.4).pending and gazebo.calls == 4


def test_another_seed_and_a_late_request_start_anew() -> None:
    gazebo = StandIn()
    gazebo.reset.request(3, {}, 10.0)
    assert gazebo.reset.request(4, gazebo.seen(10.1), 10.2).pending and gazebo.calls == 4
    assert gazebo.reset.request(4, gazebo.seen(10.3), 10.21 + QUIET_S).pending and gazebo.calls == 6


def test_objects_that_do_not_move_are_named() -> None:
    gazebo = StandIn()
    now_s = 10.0
    answer = gazebo.reset.request(3, {}, now_s)
    while answer.pending:
        now_s += 0.2
        answer = gazebo.reset.request(3, gazebo.seen(now_s, off_m=0.1), now_s)
    assert not answer.success and "has not moved cube, tray within 5 s" in answer.message
    assert ANSWER_S < now_s - 10.0 < ANSWER_S + 0.4


def test_a_refused_pose_ends_the_reset() -> None:
    gazebo = StandIn()
    gazebo.reset.request(3, {}, 10.0)
    gazebo.reset.refuse("no model cube")
    answer = gazebo.reset.request(3, gazebo.seen(10.1), 10.2)
    assert (answer.success, answer.pending, answer.message) == (False, False, "no model cube")


def test_resets_without_a_seed_differ() -> None:
    gazebo = StandIn()
    gazebo.reset.request(-1, {}, 0.0)
    first = gazebo.placed["cube"]
    assert gazebo.reset.request(-1, gazebo.seen(0.1), 0.2).success
    gazebo.reset.request(-1, {}, 0.3)
    assert gazebo.placed["cube"] != first
