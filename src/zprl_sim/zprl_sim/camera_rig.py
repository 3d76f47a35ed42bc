"""Renders the cameras of a scene. One renderer for each size of image is kept."""

import numpy as np
import numpy.typing as npt

from zprl_sim.rendering import close_renderer, mujoco, open_renderer

FARTHEST_MM = 65535


class CameraRig:
    """The cameras of one scene."""

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def render(self, data: mujoco.MjData, camera: str, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Returns an RGB image (height, width, 3) of the scene in `data`.

        Raises RuntimeError with a remedy where neither EGL nor OSMesa is installed.
        """
        renderer = self._of(width, height)
        renderer.update_scene(data, camera)
        image: npt.NDArray[np.uint8] = renderer.render()
        return image

    def render_depth(self, data: mujoco.MjData, camera: str, width: int, height: int) -> npt.NDArray[np.uint16]:
        """Returns the distance (height, width) along the camera's axis [mm], as a RealSense gives it.

        Raises RuntimeError with a remedy where neither EGL nor OSMesa is installed.
        """
        renderer = self._of(width, height)
        renderer.update_scene(data, camera)
        renderer.enable_depth_rendering()
        try:
            meters = renderer.render()
        finally:
            renderer.disable_depth_rendering()
        return np.clip(np.rint(1e3 * meters), 0, FARTHEST_MM).astype(np.uint16)

    def _of(self, width: int, height: int) -> mujoco.Renderer:
        renderer = self._renderers.get((width, height))
        if renderer is None:
            renderer = self._renderers[width, height] = open_renderer(self._model, width, height)
        return renderer

    def close(self) -> None:
        """Frees the renderers."""
        for renderer in self._renderers.values():
            close_renderer(renderer)
        self._renderers.clear()
