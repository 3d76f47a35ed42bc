"""What the policy node is told by its parameters."""

from dataclasses import dataclass, field

from zprl.rl.config import ExplorationConfig, Mode, SteeringConfig


@dataclass(frozen=True)
class PolicySettings:
    """Field names are parameter names."""

    base: str = ""
    actor: str = ""
    run: str = "run"
    robot: str = "robot"
    mode: str = "base"
    lockstep: bool = False
    control_rate: float = 20.0
    stale_s: float = 0.2
    state_folder: str = ""
    journal_limit_mb: float = 512.0
    seed: int = 0
    discount: float = 0.99
    steering: SteeringConfig = field(default_factory=SteeringConfig)
    exploration: ExplorationConfig = field(default_factory=ExplorationConfig)

    def __post_init__(self) -> None:
        if self.journal_limit_mb <= 0:
            raise ValueError(f"journal_limit_mb must be positive, got {self.journal_limit_mb}")

    @property
    def journal_limit_bytes(self) -> int:
        return int(self.journal_limit_mb * 1e6)

    @property
    def start_mode(self) -> Mode:
        """`mode` as the pilot's. Raises ValueError that lists the choices."""
        try:
            return Mode[self.mode.upper()]
        except KeyError:
            raise ValueError(
                f"mode is {self.mode!r}; choose one of {', '.join(m.name.lower() for m in Mode)}"
            ) from None
