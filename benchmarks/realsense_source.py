#!/usr/bin/env python3
"""A camera of the simulated scene as a RealSense: librealsense's software device behind the real camera node.

A graph whose `renderer` node is replaced by these nodes has the whole path of a connected camera but its USB:
librealsense stamps and matches the frames, and the camera node publishes them with the intrinsics and mount of
a calibration file. Each image shows the state of scene/state whose stamp it has.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np

from zprl_bringup.graph.spec import Graph, NodeSpec
from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import run_threaded
from zprl_hardware.cameras.calibration_file import Calibration, Mount, save
from zprl_hardware.cameras.camera import CameraSettings, Intrinsics, Source
from zprl_hardware.cameras.realsense import RealSense
from zprl_hardware.cameras.software_realsense import SoftwareRealSense
from zprl_hardware.ros.camera_node import CameraNode
from zprl_msgs.msg import VectorStamped
from zprl_sim.renderer_settings import RendererSettings
from zprl_sim.scene_view import SceneView

FPS = 20  # a state comes in each control step
PROGRAM = str(Path(__file__).resolve())  # the nodes' executable


@dataclass(frozen=True)
class SceneSettings:
    """The parameters beside those of the camera node."""

    task: Annotated[str, "name of the task"] = "lift"
    deployed: Annotated[bool, "true: with the task's deployment mismatch"] = True


class SceneCamera(CameraNode):
    """The camera node of a software device that sees the scene."""

    def __init__(self) -> None:
        super().__init__(self._source)
        parameters.declare(self, SceneSettings())
        self._view: SceneView | None = None

    def configure(self) -> None:
        scene = parameters.read(self, SceneSettings, SceneSettings())
        self._scene = RendererSettings(scene.task, scene.deployed)
        super().configure()
        topics.SCENE_STATE.subscribe(self, self._on_state)

    def _source(self, settings: CameraSettings) -> Source:
        self._settings = settings
        view = SceneView(self._scene.sim_task, self._scene.deployed)
        optics = intrinsics(view, settings.name, settings.width, settings.height)
        self._device = SoftwareRealSense(optics, serial=settings.serial, fps=settings.fps)
        view.close()
        return RealSense(settings, lambda serial: self._device.device)

    def _on_state(self, state: VectorStamped) -> None:
        if self._view is None:  # on the thread that renders, to which OpenGL's context belongs
            self._view = SceneView(self._scene.sim_task, self._scene.deployed)
        self._view.show(np.asarray(state.values, np.float64))
        s = self._settings
        self._device.inject(self._view.render(s.name, s.width, s.height), stamp_s=ns_from(state.header.stamp) * 1e-9)


def intrinsics(view: SceneView, camera: str, width: int, height: int) -> Intrinsics:
    """Return the intrinsics of a camera of the scene for images of that size [px]."""
    model = view.camera_model(camera, height, width)
    return Intrinsics(width, height, *model.focal, *model.center)


def with_realsense(graph: Graph, folder: Path, width: int = 128, height: int = 128) -> Graph:
    """Return the graph with a camera node for each camera of its renderer, and their calibration files in `folder`."""
    (renderer,) = graph.find("renderer_node")
    task, names = str(renderer.parameters["task"]), renderer.parameters["cameras"]
    view = SceneView(RendererSettings(task).sim_task, deployed=False)  # calibrated before anything is moved
    folder.mkdir(parents=True, exist_ok=True)
    cameras = []
    for name in map(str, names):  # type: ignore[arg-type]
        file, model = folder / f"{name}.yaml", view.camera_model(name, height, width)
        save(file, Calibration(name, intrinsics(view, name, width, height), Mount.at(model.frame, model.pose)))
        cameras.append(
            NodeSpec(
                "",
                PROGRAM,
                f"camera_{name}",
                renderer.namespace,
                {
                    **{"name": name, "width": width, "height": height, "calibration": str(file)},
                    **{"task": task, "deployed": renderer.parameters["deployed"]},
                    "fps": FPS,
                    "frozen_s": 0.0,  # a scene that rests looks frozen: it has no noise
                    "lost_s": 600.0,  # no state arrives between episodes
                },
                shares="/camera",
            )
        )
    view.close()
    return replace(graph, nodes=(*(node for node in graph.nodes if node is not renderer), *cameras))


if __name__ == "__main__":
    run_threaded(SceneCamera)
