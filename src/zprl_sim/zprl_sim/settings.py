"""The parameters of the sim node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import SEEDS, Range, check_ranges
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.tasks.catalog import check_task

CONTROL_HZ = 20.0
PHYSICS_S = 0.0025  # physics step [s]
CONTROL_S = 0.05  # control step [s]
CAMERAS = ("front", "wrist")


@dataclass(frozen=True)
class SimSettings:
    """The parameters of one simulated robot. Field names are parameter names."""

    task: Annotated[str, "name of the task; zprl tasks lists them"] = "lift"
    seed: Annotated[int, "seed of the scenes drawn by resets without a seed", SEEDS] = 0
    lockstep: Annotated[bool, "true: wait for a command after each state; false: real time at 20 Hz"] = False
    deployed: Annotated[bool, "true: with the task's deployment mismatch; false: as in the demonstrations"] = True
    latency: Annotated[
        Latency,
        "ideal: the arm follows at once; real: with the latency of a real arm; impedance: also with the springs of "
        "Franka's impedance control",
    ] = Latency.IDEAL
    obs: Annotated[
        Obs,
        "state: publish the poses of the objects; images: publish the task's cameras with every state instead; rgbd: "
        "and their depth",
    ] = Obs.STATE
    cameras: Annotated[tuple[str, ...], "names of the cameras to publish: front, wrist"] = ()
    camera_rate: Annotated[
        float, "images per simulated second of cameras that are not observed [Hz]", Range(0.1, CONTROL_HZ)
    ] = 10.0
    camera_depth: Annotated[bool, "true: publish the depth of the cameras that are not observed, too"] = False
    camera_width: Annotated[int, "width of an image [px]", Range(16, 640)] = 128
    camera_height: Annotated[int, "height of an image [px]", Range(16, 480)] = 128
    publish_clock: Annotated[bool, "publish the simulated time on /clock"] = True

    def __post_init__(self) -> None:
        check_task(self.task)
        unknown = sorted(set(self.cameras) - set(CAMERAS))
        if unknown:
            raise ValueError(f"unknown cameras {', '.join(unknown)}; known cameras are {', '.join(CAMERAS)}")
        check_ranges(self)

    @property
    def camera_every(self) -> int:
        """Control steps between two images."""
        return max(1, round(CONTROL_HZ / self.camera_rate))
