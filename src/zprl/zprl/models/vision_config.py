"""Hyperparameters of the image encoder. Does not import torch."""

from dataclasses import dataclass
from enum import Enum


class VisionNetwork(str, Enum):
    """The network that turns each camera's image into features."""

    SMALL = "small"  # a small CNN with spatial softmax, for CPUs
    RESNET18 = "resnet18"  # ResNet18 with GroupNorm and spatial embedding, from scratch


@dataclass(frozen=True)
class VisionConfig:
    """Sizes of the image encoder. Every camera has its own network; all see images of the same size."""

    network: VisionNetwork = VisionNetwork.SMALL
    features: int = 64  # F, features of each camera
    size: tuple[int, int] = (128, 128)  # height and width to which images are resized
    crop: tuple[int, int] = (116, 116)  # height and width that the network sees: random in training, else the center

    def __post_init__(self) -> None:
        if self.features < 1:
            raise ValueError(f"vision.features must be at least 1, got {self.features}")
        if len(self.size) != 2 or len(self.crop) != 2:
            raise ValueError(f"vision.size and vision.crop need height and width, got {self.size} and {self.crop}")
        for side, cropped in zip(self.size, self.crop, strict=True):
            if not 32 <= cropped <= side <= 2048:
                raise ValueError(
                    f"vision.crop must be at least 32 pixels and at most vision.size, got {self.crop} of {self.size}"
                )
