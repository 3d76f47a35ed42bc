"""What the learner node is told by its parameters."""

from dataclasses import dataclass, field

from zprl.rl.config import LearnerConfig, SteeringConfig
from zprl.rl.presets import CPU


@dataclass(frozen=True)
class LearnerSettings:
    """Field names are parameter names."""

    base: str = ""
    run: str = "run"
    run_folder: str = "runs/run"
    seed: int = 0
    checkpoint_every_s: float = 60.0
    nice: int = 5
    publish_every: int = CPU.publish_every
    learner: LearnerConfig = field(default_factory=lambda: CPU.learner)
    steering: SteeringConfig = field(default_factory=lambda: CPU.steering)

    def __post_init__(self) -> None:
        if self.publish_every < 1 or self.checkpoint_every_s <= 0:
            raise ValueError(f"publish_every and checkpoint_every_s must be positive, got {self}")
