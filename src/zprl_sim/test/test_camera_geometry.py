"""Where a scene's cameras are, as calibrated cameras: projected points are where MuJoCo renders them."""

from dataclasses import replace

import numpy as np
import pytest

from can_render import needs_renderer
from own_tasks import own_tasks
from zprl_core.streams.camera_model import CameraModel, moved_by
from zprl_sim.camera_geometry import camera_model
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.scene import compile_scene
from zprl_sim.tasks.camera import CameraOffset
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Mismatch, Task

LIFT = task_named("lift")
SIZE = 128, 128


def frame_pose(model: mujoco.MjModel, data: mujoco.MjData, frame: str) -> np.ndarray:
    """The pose (4, 4) of a tool frame in the scene; the identity for the scene's own frame."""
    pose = np.eye(4)
    if frame.endswith("fr3_hand_tcp"):
        site = data.site(frame.replace("fr3_hand_tcp", "tool"))
        pose[:3, :3], pose[:3, 3] = site.xmat.reshape(3, 3), site.xpos
    return pose


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_every_observed_camera_is_where_mujoco_has_it(task: Task) -> None:
    model = compile_scene(task, Mismatch())
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    for name in task.cameras:
        camera = camera_model(model, task, name, SIZE)
        assert camera.frame == (task.frame if name == "front" else name.replace("wrist", "fr3_hand_tcp"))
        found = frame_pose(model, data, camera.frame) @ camera.pose
        assert found[:3, 3] == pytest.approx(data.camera(name).xpos)
        axes = data.camera(name).xmat.reshape(3, 3)  # x right, y up, z back
        assert np.allclose(found[:3, :3], axes * [1.0, -1.0, -1.0])


@needs_renderer
def test_a_point_is_rendered_where_the_camera_projects_it() -> None:
    robot = SimRobot(LIFT)
    robot.reset(0)
    image = robot.render("front", 128, 128).astype(int)
    rows, columns = np.nonzero(image[:, :, 0] > 2 * image[:, :, 1:].max(axis=2))  # the cube is red
    camera = robot.camera_model("front", *SIZE)
    point = np.linalg.inv(camera.pose) @ [*robot.data.body("cube").xpos, 1.0]
    u, v = camera.project(point[None, :3])[0] * 128 - 0.5
    assert (columns.mean(), rows.mean()) == pytest.approx((u, v), abs=3.0)
    robot.close()


def test_a_camera_that_is_mounted_off_has_moved() -> None:
    """1 cm to its right, at 0.3 m: f = 64 / tan(37 deg / 2) = 191.3 px."""
    off = Mismatch(cameras=(CameraOffset("front", (0.01, 0.0, 0.0)),))
    plain, moved = (camera_model(compile_scene(LIFT, m), LIFT, "front", SIZE) for m in (Mismatch(), off))
    assert moved_by(plain, moved) == pytest.approx(191.3 * 0.01 / 0.3, abs=0.01)


def test_the_pose_on_any_other_body_is_unknown() -> None:
    def build(scene: mujoco.MjSpec, size: float) -> None:
        LIFT.build(scene, size)
        scene.body("cube").add_camera(name="inside", fovy=60.0)

    task = replace(LIFT, build=build)
    camera = camera_model(compile_scene(task, Mismatch()), task, "inside", SIZE)
    assert camera == CameraModel(SIZE, camera.focal, (63.5, 63.5))
