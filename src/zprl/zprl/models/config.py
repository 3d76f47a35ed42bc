"""The numbers of the base policy. Loads no torch."""

from dataclasses import dataclass

MAX_EULER_STEPS = 1000  # each is one evaluation of the flow, within a control step


@dataclass(frozen=True)
class BaseConfig:
    """Sizes of the base policy, and how it plays a chunk."""

    objects: tuple[str, ...]
    latent_dim: int = 8  # Z
    horizon: int = 16  # H, control steps that the flow predicts
    n_action_steps: int = 8  # T_a, control steps that are executed before the next chunk
    euler_steps: int = 5
    hidden: int = 256

    def __post_init__(self) -> None:
        sizes = (self.latent_dim, self.horizon, self.n_action_steps, self.euler_steps, self.hidden)
        if not all(type(size) is int for size in sizes):
            raise ValueError(f"the base's sizes must be whole numbers, got {self}")
        if not all(isinstance(name, str) and name.isidentifier() for name in self.objects):
            raise ValueError(f"objects must have names of letters, digits and underscores, got {self.objects}")
        if not 1 <= self.n_action_steps <= self.horizon:
            raise ValueError(f"n_action_steps must lie in 1..horizon={self.horizon}, got {self.n_action_steps}")
        if min(self.latent_dim, self.hidden) < 1:
            raise ValueError(f"latent_dim and hidden must be positive, got {self}")
        if not 1 <= self.euler_steps <= MAX_EULER_STEPS:
            raise ValueError(f"euler_steps must lie in 1..{MAX_EULER_STEPS}, got {self.euler_steps}")
