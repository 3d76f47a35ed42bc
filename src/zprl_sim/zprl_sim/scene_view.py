"""The cameras of a scene that another process simulates."""

import numpy as np
import numpy.typing as npt

from zprl_core.streams.camera_model import CameraModel
from zprl_sim.camera_geometry import camera_model
from zprl_sim.camera_rig import CameraRig
from zprl_sim.rendering import find_backend, mujoco
from zprl_sim.scene import compile_scene
from zprl_sim.scene_objects import SceneObjects
from zprl_sim.tasks.task import Mismatch, Task


class SceneView:
    """The scene of a task, which takes over the positions of a simulated one, and its cameras."""

    def __init__(self, task: Task, deployed: bool):
        """`deployed`: with the task's mismatch. Raises RuntimeError with a remedy where nothing can be rendered."""
        self.task = task
        self._model = compile_scene(task, task.mismatch if deployed else Mismatch())
        self._objects = SceneObjects(self._model, task)
        self._data = mujoco.MjData(self._model)
        self._rig = CameraRig(self._model)
        self.backend = find_backend()

    def show(self, positions: npt.NDArray[np.float64]) -> None:
        """Takes over the positions of a scene, as in `SceneObjects.positions`. Raises ValueError for another one."""
        self._objects.restore(self._data, positions)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def render(self, camera: str, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Returns an RGB image (height, width, 3) of what is shown."""
        return self._rig.render(self._data, camera, width, height)

    def render_depth(self, camera: str, width: int, height: int) -> npt.NDArray[np.uint16]:
        """Returns the distances (height, width) along the camera's axis [mm]."""
        return self._rig.render_depth(self._data, camera, width, height)

    def camera_model(self, camera: str, height: int, width: int) -> CameraModel:
        """Returns a camera's intrinsics for images of this size, and its mount."""
        return camera_model(self._model, self.task, camera, (height, width))

    def fovy_deg(self, camera: str) -> float:
        """Returns a camera's vertical field of view [degrees]."""
        return float(self._model.camera(camera).fovy[0])

    def close(self) -> None:
        """Frees the renderers."""
        self._rig.close()
