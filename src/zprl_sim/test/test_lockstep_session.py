"""What the node stands on, without ROS: the guard, the memory of an episode's end, the deadlines."""

import math

import pytest

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.observation import Pose
from zprl_sim.lockstep_session import LockstepSession, guarded
from zprl_sim.robot import SimRobot
from zprl_sim.settings import SimSettings
from zprl_sim.tasks.catalog import task_named

LIFT = task_named("lift")


def target(x: float = 0.5, width: float = 0.05) -> ArmTarget:
    return ArmTarget(Pose((x, 0.0, 0.2), 0.0), width)


def test_a_target_inside_passes_as_it_is() -> None:
    executed = guarded(target())
    assert (executed.target, executed.clipped, executed.reason) == (target(), False, "")


def test_a_clipped_target_says_what_and_why() -> None:
    executed = guarded(target(x=0.91, width=0.2))
    assert executed.clipped
    assert executed.target == target(x=0.66, width=0.08)
    assert executed.reason == "x=0.910 is outside 0.28..0.66 m; width=0.200 is outside 0..0.08 m"


def test_a_target_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        guarded(target(x=math.nan))


def test_silence_holds_the_last_target() -> None:
    session = LockstepSession(SimRobot(LIFT))
    assert session.state.arms[""].executed.mode == ArmMode.IDLE
    session.advance({"": target()}, {})
    state = session.advance({}, {})
    assert state.arms[""].executed.mode == ArmMode.HOLD
    assert state.arms[""].executed.target == target()
    assert state.arms[""].executed.reason == "no new command"
    assert state.step == 2


def test_an_episode_that_ended_stays_ended_until_the_reset() -> None:
    session = LockstepSession(SimRobot(LIFT))
    states = [session.advance({}, {}) for _ in range(LIFT.time_limit + 2)]
    assert [s.ended for s in states] == [False] * (LIFT.time_limit - 1) + [True] * 3
    fresh = session.reset(1)
    assert (fresh.ended, fresh.step) == (False, 0)


def test_joints_are_executed_and_what_is_clipped_says_why() -> None:
    session = LockstepSession(SimRobot(LIFT))
    q = tuple(session.state.arms[""].positions[:7].tolist())
    near, far = (q[0] + 0.1, *q[1:]), (q[0] + 0.1, *q[1:6], q[6] + 0.5)
    executed = session.advance({"": ArmTarget(None, 0.05, near)}, {}).arms[""].executed
    assert (executed.mode, executed.clipped, executed.reason) == (ArmMode.STREAM, False, "")
    assert executed.target.joints == pytest.approx(near) and executed.target.width == 0.05
    executed = session.advance({"": ArmTarget(None, math.nan, far)}, {}).arms[""].executed
    assert executed.clipped and executed.reason == "joint 7 too far ahead of its measured angle"
    assert executed.target.width == 0.05  # as it was
    held = session.advance({}, {}).arms[""].executed
    assert held.mode == ArmMode.HOLD and held.target == executed.target


def test_a_gripper_without_a_width_stays_as_it_was_told() -> None:
    session = LockstepSession(SimRobot(LIFT))
    session.advance({"": target(width=0.03)}, {})
    executed = session.advance({"": target(width=math.nan)}, {}).arms[""].executed
    assert executed.target == target(width=0.03) and not executed.clipped


def test_each_arm_of_two_is_guarded_and_held_by_itself() -> None:
    session = LockstepSession(SimRobot(task_named("two_arm_lift")))
    right = ArmTarget(Pose((0.3, 0.0, 0.2), math.pi), 0.05)  # of the scene's frame: 0.9 m in front of the right arm
    state = session.advance({"right": right}, {"left": "not finite"})
    left, right_now = state.arms["left"].executed, state.arms["right"].executed
    assert (left.mode, left.reason) == (ArmMode.HOLD, "not finite")
    assert right_now.clipped and right_now.reason == "x=0.300 is outside 0.54..0.92 m"
    assert right_now.target.pose.position[0] == pytest.approx(0.54)
    again = session.advance({}, {})
    assert again.arms["right"].executed.target == right_now.target
    assert again.arms["right"].executed.reason == "no new command"


def test_deadlines_do_not_add_up_lateness() -> None:
    clock = DeadlineTimer(0.05, 1.0)
    for now in (1.0, 1.052, 1.101):
        clock.tick(now)
    assert clock.next_s == pytest.approx(1.15)
    assert (clock.ticks, clock.late, clock.lost) == (3, 0, 0)
    assert clock.lateness_s == pytest.approx(0.001)


def test_a_long_pause_is_late_once_and_what_it_missed_is_lost() -> None:
    clock = DeadlineTimer(0.05, 1.0)
    clock.tick(1.12)  # 120 ms: two deadlines passed, at 1.05 and 1.10
    assert (clock.ticks, clock.late, clock.lost) == (1, 1, 2)
    assert clock.next_s == pytest.approx(1.15)
    assert clock.remaining(1.13) == pytest.approx(0.02)
    assert clock.remaining(1.2) == 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"task": "fly"}, "unknown task 'fly'"),
        ({"cameras": ("back",)}, "unknown cameras back; known cameras are front, wrist"),
        ({"camera_rate": 0.0}, "camera_rate"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_check_themselves(wrong: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SimSettings(**wrong)
