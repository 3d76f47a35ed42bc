"""What the simulated FCI is told by its parameters."""

from dataclasses import dataclass, field

from zprl_sim.scene_settings import SceneSettings


@dataclass(frozen=True)
class FciSettings:
    """Field names are parameter names."""

    scene: SceneSettings = field(default_factory=SceneSettings)
    hostname: str = "127.0.0.1"
    lockstep: bool = True  # simulated time waits for the driver, which a loaded machine needs
