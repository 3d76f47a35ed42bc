"""The cameras of a simulated scene behind an arm node, as a managed node of their own.

Rendering takes milliseconds, in which a simulation in real time would miss its deadlines. So it publishes its positions
on scene/state, and this node renders the newest ones: images have the stamp of that state.
"""

import time

import numpy as np

from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.qos import IMAGES
from zprl_msgs.msg import VectorStamped
from zprl_sim.renderer_settings import RendererSettings
from zprl_sim.ros.camera_publishers import CameraPublisher, DepthPublisher, mounts_message
from zprl_sim.scene_view import SceneView

SILENCE_S = 5.0  # without a state for this long, /diagnostics says so


class RendererNode(ManagedNode):
    """Publishes images and intrinsics of each camera, for every state that it is in time for."""

    def __init__(self) -> None:
        super().__init__("renderer")
        parameters.declare(self, RendererSettings())
        self._view: SceneView | None = None
        self._newest: VectorStamped | None = None

    def configure(self) -> None:
        """Compiles the scene and opens a renderer. Raises ValueError for unknown cameras, or without OpenGL."""
        s = self._settings = parameters.read(self, RendererSettings, RendererSettings())
        try:
            view = self._view = SceneView(s.sim_task, s.deployed)
            for camera in s.published:  # now, as it takes up to a second
                view.render(camera, s.width, s.height)
        except RuntimeError as error:
            raise ValueError(str(error)) from None
        self._cameras = [
            CameraPublisher(name, view.fovy_deg(name), lambda topic: topic.lifecycle_publisher(self, IMAGES))
            for name in s.published
        ]
        self._depths = [
            DepthPublisher(camera, lambda topic: topic.lifecycle_publisher(self, IMAGES))
            for camera in (self._cameras if s.depth else [])
        ]
        models = {c.frame: view.camera_model(c.camera, s.height, s.width) for c in self._cameras}
        topics.TF_STATIC.publisher(self).publish(mounts_message(models, self.get_clock().now().nanoseconds))
        self._newest = None
        self._heard_s = time.monotonic()
        self._rendered = self._skipped = 0
        self._render_s = 0.0
        topics.SCENE_STATE.subscribe(self, self._on_state)

    def close(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None

    def wait_s(self) -> float:
        return 0.1

    def step(self) -> None:
        """Renders the newest state, once."""
        state, self._newest = self._newest, None
        if self._view is None or not self.active or state is None:
            return
        began_s, settings = time.monotonic(), self._settings
        try:
            self._view.show(np.asarray(state.values, np.float64))
        except ValueError as error:
            self.get_logger().error(str(error), throttle_duration_sec=5.0)
            return
        for camera in self._cameras:
            image = self._view.render(camera.camera, settings.width, settings.height)
            camera.publish(image, ns_from(state.header.stamp))
        for depth in self._depths:
            distances = self._view.render_depth(depth.camera, settings.width, settings.height)
            depth.publish(distances, ns_from(state.header.stamp))
        self._rendered += 1
        self._render_s += time.monotonic() - began_s

    def health(self) -> tuple[str, dict[str, object]]:
        if self._view is None:
            return "not configured", {}
        silent = time.monotonic() - self._heard_s > SILENCE_S
        trouble = "no scene/state arrives; see whether the simulation runs, in the same namespace" if silent else ""
        return trouble, {
            "rendered": self._rendered,
            "skipped": self._skipped,
            "milliseconds of one state": f"{1e3 * self._render_s / max(1, self._rendered):.1f}",
            "OpenGL": self._view.backend,
        }

    def _on_state(self, state: VectorStamped) -> None:
        self._skipped += self._newest is not None
        self._newest, self._heard_s = state, time.monotonic()


def main() -> None:
    """Runs the node."""
    run(RendererNode)


if __name__ == "__main__":
    main()
