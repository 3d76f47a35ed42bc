"""Renders the cameras of a scene. One renderer for each size of image is kept."""

import numpy as np
import numpy.typing as npt

from zprl_sim.rendering import close_renderer, mujoco, open_renderer


class CameraRig:
    """The cameras of one scene."""

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def render(self, data: mujoco.MjData, camera: str, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Returns an RGB image (height, width, 3) of the scene in `data`.

        Raises RuntimeError with a remedy where neither EGL nor OSMesa is installed.
        """
        renderer = self._renderers.get((width, height))
        if renderer is None:
            renderer = self._renderers[width, height] = open_renderer(self._model, width, height)
        renderer.update_scene(data, camera)
        image: npt.NDArray[np.uint8] = renderer.render()
        return image

    def close(self) -> None:
        """Frees the renderers."""
        for renderer in self._renderers.values():
            close_renderer(renderer)
        self._renderers.clear()
