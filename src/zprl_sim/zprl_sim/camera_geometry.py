"""The cameras of a scene as calibrated cameras: intrinsics, and the pose in the frame that they are mounted to."""

import math

import numpy as np
import numpy.typing as npt

from zprl_core.arm_model import FR3
from zprl_core.geometry import Matrix, inverse, matrix_from
from zprl_core.streams.camera_model import CameraModel
from zprl_sim.rendering import mujoco
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.task import Task

OPTICAL = np.diag([1.0, -1.0, -1.0, 1.0])  # from MuJoCo's axes of a camera (y up, z back) to ROS's (y down, z forward)
WORLD_BODY = 0


def camera_model(model: mujoco.MjModel, task: Task, name: str, size: tuple[int, int]) -> CameraModel:
    """Returns a camera of the scene of `task` for images of `size` (height, width).

    Its pose is in the scene's frame, or in the tool frame of the arm on whose hand it is; unknown on any other body.
    """
    camera = model.camera(name)
    seen = CameraModel.from_fovy(size, math.radians(float(camera.fovy[0])), "", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    body, pose = int(camera.bodyid[0]), _matrix(camera.pos, camera.quat) @ OPTICAL
    if body == WORLD_BODY:
        return seen.mounted(task.frame, pose)
    for mount in task.arms:
        tool = model.site(mount.topic("tool"))
        if int(tool.bodyid[0]) == body:
            return seen.mounted(tool_frame(mount), inverse(_matrix(tool.pos, tool.quat)) @ pose)
    return seen


def tool_frame(mount: ArmMount) -> str:
    """Returns the frame of an arm's tool."""
    return mount.topic(FR3.tool_frame)


def _matrix(position: npt.NDArray[np.float64], quaternion: npt.NDArray[np.float64]) -> Matrix:
    """Returns (4, 4) for a position and MuJoCo's quaternion w, x, y, z."""
    x, y, z = (float(v) for v in position)
    qw, qx, qy, qz = (float(v) for v in quaternion)
    return matrix_from((x, y, z), (qx, qy, qz, qw))
