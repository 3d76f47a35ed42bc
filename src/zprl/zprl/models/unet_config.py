"""Hyperparameters of the flow's U-Net. Does not import torch."""

from dataclasses import dataclass
from enum import Enum


class Head(str, Enum):
    """The network of the flow's velocity."""

    MLP = "mlp"
    UNET = "unet"  # a conditional 1-D U-Net over the control steps of the chunk


@dataclass(frozen=True)
class UnetConfig:
    """Sizes of the conditional 1-D U-Net over the chunk's control steps."""

    channels: tuple[int, ...] = (128, 256, 512)  # of each resolution; the horizon is halved between two of them
    kernel: int = 5
    groups: int = 8  # of each GroupNorm
    time_size: int = 64  # features of the flow's time

    def __post_init__(self) -> None:
        if not self.channels or any(n < 1 or n % self.groups for n in self.channels):
            raise ValueError(f"unet.channels must be multiples of unet.groups={self.groups}, got {self.channels}")
        if self.kernel % 2 == 0 or min(self.kernel, self.groups) < 1 or self.time_size < 2 or self.time_size % 2:
            raise ValueError(f"unet needs an odd kernel, groups >= 1 and an even time_size, got {self}")

    def check_horizon(self, horizon: int) -> None:
        """Raises ValueError when the horizon cannot be halved at every resolution."""
        factor = 2 ** (len(self.channels) - 1)
        if horizon % factor:
            raise ValueError(
                f"a U-Net with {len(self.channels)} resolutions needs a horizon divisible by {factor}, got {horizon}"
            )
