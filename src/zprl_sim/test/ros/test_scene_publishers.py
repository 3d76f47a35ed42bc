"""The objects that a simulated scene publishes next to an arm node."""

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_core.ros.poses import tilted_object_from
from zprl_sim.robot import SimRobot
from zprl_sim.ros.scene_publishers import ScenePublishers
from zprl_sim.scene_settings import SceneSettings


class FakeNode:
    """Keeps the newest message of each topic."""

    def __init__(self) -> None:
        self.newest: dict[str, Any] = {}

    def create_publisher(self, kind: type, topic: str, *_: object) -> SimpleNamespace:
        return SimpleNamespace(publish=lambda message: self.newest.update({topic: message}))


@pytest.mark.parametrize("task", ["lift", "angled_insert"])
@pytest.mark.parametrize("deployed", [True, False])
def test_the_objects_are_those_that_the_simulated_robot_perceives(task: str, deployed: bool) -> None:
    """Among them the lean of the socket of angled_insert, by 0.3 rad at least."""
    settings = SceneSettings(task, seed=3, deployed=deployed)
    robot, node = SimRobot(settings.sim_task, deployed, seed=3), FakeNode()
    publishers = ScenePublishers(node, settings)  # type: ignore[arg-type]
    publishers.publish(0, robot.things(), robot.success, robot.positions)
    assert node.newest["scene/state"].values.tolist() == robot.positions.tolist()
    for name, pose in robot.observe().objects.items():
        found = tilted_object_from(node.newest[f"objects/{name}/pose"].pose)
        assert found.position == pytest.approx(pose.position) and found.six[3:] == pytest.approx(pose.six[3:], abs=1e-6)
    if task == "angled_insert":
        assert robot.observe().objects["socket"].roll >= 0.3
