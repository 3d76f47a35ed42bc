"""Parameters of the simulated FCI."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl_sim.scene_settings import SceneSettings


@dataclass(frozen=True)
class FciSettings:
    """Field names are parameter names."""

    scene: SceneSettings = field(default_factory=SceneSettings)
    hostname: Annotated[str, "address that the simulated control box listens on"] = "127.0.0.1"
    lockstep: Annotated[
        bool, "true: simulated time waits for the driver, which a loaded machine needs; false: real time"
    ] = True
