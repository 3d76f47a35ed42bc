"""The parameters of the simulated FCI."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl_sim.fci.hand import Hand
from zprl_sim.scene_settings import SceneSettings


@dataclass(frozen=True)
class FciSettings:
    """The parameters of the simulated FCI. Field names are parameter names."""

    scene: SceneSettings = field(default_factory=SceneSettings)
    hostname: Annotated[str, "address that the simulated control box listens on"] = "127.0.0.1"
    hand: Annotated[Hand, "homed; not_homed: as after power-up; refuses: every motion of the hand fails"] = Hand.HOMED
    lockstep: Annotated[bool, "true: simulated time waits for the driver, for loaded machines; false: real time"] = True
