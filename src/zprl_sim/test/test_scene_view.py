"""The cameras of a scene that is simulated elsewhere show what the simulation's own show."""

import numpy as np
import pytest

from can_render import needs_renderer
from own_tasks import own_tasks
from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_sim.fci.scene import TorqueScene
from zprl_sim.robot import SimRobot
from zprl_sim.scene_view import SceneView
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Task

pytestmark = needs_renderer
LIFT = task_named("lift")


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
@pytest.mark.parametrize("deployed", [True, False])
def test_every_camera_shows_the_simulated_scene(task: Task, deployed: bool) -> None:
    robot, view = SimRobot(task, deployed, seed=1), SceneView(task, deployed)
    view.show(robot.positions)
    for camera in task.cameras:
        expected = robot.render(camera, 64, 48)
        np.testing.assert_array_equal(view.render(camera, 64, 48), expected)
        assert view.fovy_deg(camera) == robot.fovy_deg(camera)
        assert view.camera_model(camera, 48, 64) == robot.camera_model(camera, 48, 64)
    robot.close()
    view.close()


def test_a_motion_is_followed() -> None:
    robot, view = SimRobot(LIFT), SceneView(LIFT, True)
    view.show(robot.positions)
    before = view.render("front", 64, 64)
    for _ in range(5):
        robot.step(ArmTarget(Pose((0.4, 0.1, 0.1)), 0.08))
    view.show(robot.positions)
    after = view.render("front", 64, 64)
    assert (before != after).any()
    np.testing.assert_array_equal(after, robot.render("front", 64, 64))
    robot.close()
    view.close()


def test_the_scene_behind_frankas_protocol_has_the_same_positions() -> None:
    scene, view = TorqueScene(LIFT, deployed=True, seed=2), SceneView(LIFT, True)
    view.show(scene.positions)
    np.testing.assert_array_equal(view.render("wrist", 32, 32), scene.render("wrist", 32, 32))
    scene.close()
    view.close()


def test_positions_of_another_scene_are_refused() -> None:
    view = SceneView(LIFT, True)
    with pytest.raises(ValueError, match=r"has 3 numbers, but the scene of task lift has \d+; give .* the same task"):
        view.show(np.zeros(3))
    view.close()
