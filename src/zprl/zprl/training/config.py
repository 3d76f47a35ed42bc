"""Hyperparameters of pretraining. Does not import torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PretrainConfig:
    """Hyperparameters of offline training (method.md)."""

    steps: int = 6000
    batch: int = 256
    lr: float = 1e-3
    weight_decay: float = 1e-6
    warmup: int = 200
    ema: float = 0.999
    beta: float = 2e-4
    rho: float = 0.01

    def __post_init__(self) -> None:
        if min(self.steps, self.batch) < 1 or self.lr <= 0 or not 0 <= self.ema < 1:
            raise ValueError(f"pretraining needs positive steps, batch and lr, and ema in [0, 1), got {self}")
