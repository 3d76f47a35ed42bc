"""The numbers of the base policy. Loads no torch."""

from dataclasses import dataclass

MAX_EULER_STEPS = 1000  # each is one evaluation of the flow, within a control step


@dataclass(frozen=True)
class BaseConfig:
    """Sizes of the base policy, and how it plays a chunk."""

    objects: tuple[str, ...]
    latent: int = 8  # Z
    horizon: int = 16  # H, control steps that the flow predicts
    execute: int = 8  # T_a, control steps that are executed before the next chunk
    euler_steps: int = 5
    hidden: int = 256

    def __post_init__(self) -> None:
        sizes = (self.latent, self.horizon, self.execute, self.euler_steps, self.hidden)
        if not all(type(size) is int for size in sizes):
            raise ValueError(f"the base's sizes must be whole numbers, got {self}")
        if not all(isinstance(name, str) and name.isidentifier() for name in self.objects):
            raise ValueError(f"objects must have names of letters, digits and underscores, got {self.objects}")
        if not 1 <= self.execute <= self.horizon:
            raise ValueError(f"execute must lie in 1..horizon={self.horizon}, got {self.execute}")
        if min(self.latent, self.hidden) < 1:
            raise ValueError(f"latent and hidden must be positive, got {self}")
        if not 1 <= self.euler_steps <= MAX_EULER_STEPS:
            raise ValueError(f"euler_steps must lie in 1..{MAX_EULER_STEPS}, got {self.euler_steps}")
