"""Hyperparameters of the image encoder. Does not import torch."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain

ONE_CONVOLUTION = {"dilations": [1]}  # what earlier versions had, without a key in their checkpoints


class VisionNetwork(str, Enum):
    """The network that turns each camera's image into features."""

    SMALL = "small"  # a small CNN with spatial softmax, for CPUs
    RESNET18 = "resnet18"  # ResNet18 with GroupNorm and spatial embedding, from scratch
    PRETRAINED = "pretrained"  # a frozen ResNet18, one for all cameras, and a trained spatial embedding for each

    @property
    def features(self) -> int:
        """The usual number of features of each camera."""
        return 64 if self == VisionNetwork.SMALL else 256


@dataclass(frozen=True)
class VisionConfig:
    """Sizes of the image encoder. Every camera has its own network, or head; all see images of the same size."""

    network: VisionNetwork = VisionNetwork.SMALL
    features: int = 64  # F, features of each camera
    size: tuple[int, int] = (128, 128)  # height and width to which images are resized
    crop: tuple[int, int] = (116, 116)  # height and width that the network sees: random in training, else the center
    dilations: tuple[int, ...] = (1, 2, 4)  # of the small network's 3x3 convolutions at a quarter of the size

    def __post_init__(self) -> None:
        if self.features < 1:
            raise ValueError(f"vision.features must be at least 1, got {self.features}")
        if len(self.size) != 2 or len(self.crop) != 2:
            raise ValueError(f"vision.size and vision.crop need height and width, got {self.size} and {self.crop}")
        if not all(1 <= d <= 32 for d in self.dilations):
            raise ValueError(f"vision.dilations must be within [1, 32], got {self.dilations}")
        for side, cropped in zip(self.size, self.crop, strict=True):
            if not 32 <= cropped <= side <= 2048:
                raise ValueError(
                    f"vision.crop must be at least 32 pixels and at most vision.size, got {self.crop} of {self.size}"
                )

    def to_json(self) -> dict[str, Any]:
        """Returns plain values for a JSON file, without a key that an earlier version did not have where it applies."""
        plain = flatten(self)
        earlier = list(self.dilations) == ONE_CONVOLUTION["dilations"]  # the base keeps its fingerprint
        return {key: x for key, x in plain.items() if not (earlier and key == "dilations")}

    @classmethod
    def from_json(cls, value: Any) -> "VisionConfig":
        """Rebuilds a config written by `to_json`, or by an earlier version. Raises ValueError for anything else."""
        return from_plain(cls, {**ONE_CONVOLUTION, **value} if isinstance(value, dict) else value)
