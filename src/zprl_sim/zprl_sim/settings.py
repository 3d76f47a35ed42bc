"""What the sim node is told by its parameters."""

from dataclasses import dataclass

from zprl_core.latency import Latency
from zprl_sim.tasks.catalog import check_task

CONTROL_HZ = 20.0
PHYSICS_S = 0.0025  # of a physics step [s]
CONTROL_S = 0.05  # of a control step [s]
CAMERAS = ("front", "wrist")


@dataclass(frozen=True)
class SimSettings:
    """One simulated robot. Field names are parameter names."""

    task: str = "lift"
    seed: int = 0
    lockstep: bool = False
    deployed: bool = True
    latency: Latency = Latency.IDEAL
    cameras: tuple[str, ...] = ()
    camera_rate: float = 10.0
    camera_width: int = 128
    camera_height: int = 128
    publish_clock: bool = True

    def __post_init__(self) -> None:
        check_task(self.task)
        unknown = sorted(set(self.cameras) - set(CAMERAS))
        if unknown:
            raise ValueError(f"unknown cameras {', '.join(unknown)}; known cameras are {', '.join(CAMERAS)}")
        if not 0.0 < self.camera_rate <= CONTROL_HZ:
            raise ValueError(f"camera_rate must lie above 0 and up to {CONTROL_HZ:g} Hz, got {self.camera_rate}")
        if self.seed < 0 or min(self.camera_width, self.camera_height) < 1:
            raise ValueError(f"seed must not be negative and pictures not empty, got {self}")

    @property
    def camera_every(self) -> int:
        """Control steps from one picture to the next."""
        return max(1, round(CONTROL_HZ / self.camera_rate))


HELP = {
    "task": "name of a task, one of those that `zprl tasks` lists",
    "seed": "seed of the scenes that reset draws when it is given none",
    "lockstep": "true: wait for the command that answers each state; false: real time at 20 Hz",
    "deployed": "true: with the task's deployment mismatch and in the whole workspace",
    "latency": "ideal: the arm follows at once; real: as late as a real one",
    "cameras": "cameras to publish: front, wrist",
    "camera_rate": "pictures per simulated second [Hz]",
    "camera_width": "width of a picture [pixels]",
    "camera_height": "height of a picture [pixels]",
    "publish_clock": "publish simulated time on /clock",
}
RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31 - 1),
    "camera_rate": (0.1, CONTROL_HZ),
    "camera_width": (16, 640),
    "camera_height": (16, 480),
}
