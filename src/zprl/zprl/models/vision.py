"""The image encoder: one network per camera, on crops of resized images."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.resnet import ResNet18
from zprl.models.small_cnn import SmallCnn
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl_core.observation_spec import StreamSpec


class VisionEncoder(nn.Module):
    """Embeds the images of all cameras: (B, cameras * F).

    `mean` and `std` are those of the features over the demonstrations: the learner gets standardized features.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, cameras: tuple[StreamSpec, ...], config: VisionConfig):
        super().__init__()
        self.config = config
        self.names = tuple(camera.name for camera in cameras)
        self.networks = nn.ModuleList(_network(camera.shape[2], config) for camera in cameras)
        self.size = len(cameras) * config.features
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("std", torch.ones(self.size))

    def forward(self, images: Mapping[str, Tensor], rng: torch.Generator | None = None) -> Tensor:
        """Maps images (B, h, w, c) uint8, by camera, to features (B, cameras * F).

        With `rng` each image is cropped at random, as in training; without, at its center.
        """
        features = []
        for name, network in zip(self.names, self.networks, strict=True):
            image = scaled(resized(images[name], self.config.size))
            corner = self._corners(image, rng)
            features.append(network(crop(image, corner, self.config.crop), corner.to(image.dtype)))
        return torch.cat(features, dim=-1)

    def standardized(self, features: Tensor) -> Tensor:
        """Returns features with mean 0 and standard deviation 1 over the demonstrations, clipped to 5."""
        return ((features - self.mean) / self.std).clamp(-5.0, 5.0)

    def fit(self, features: Tensor, floor: float = 1e-2) -> None:
        """Sets mean and standard deviation from features (N, cameras * F). `floor` is the smallest deviation."""
        self.mean.copy_(features.mean(0))
        self.std.copy_(features.std(0).clamp_min(floor))

    def _corners(self, images: Tensor, rng: torch.Generator | None) -> Tensor:
        """Returns (B, 2): row and column of each crop's upper left corner."""
        room = torch.tensor([n - m for n, m in zip(self.config.size, self.config.crop, strict=True)])
        if rng is None:
            corner = (room // 2).expand(len(images), 2)
        else:
            corner = (torch.rand(len(images), 2, generator=rng) * (room + 1)).long()
        return corner.to(images.device)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (B, h, w, c) uint8 to (B, *size, c) uint8: each pixel is the average of those that it covers."""
    if images.shape[1:3] == size:
        return images
    x = F.interpolate(images.permute(0, 3, 1, 2).to(torch.float32), size, mode="area")
    return x.round().to(torch.uint8).permute(0, 2, 3, 1)


def scaled(images: Tensor) -> Tensor:
    """Maps (B, h, w, c) uint8 to (B, c, h, w) in [-1, 1]."""
    return images.permute(0, 3, 1, 2).to(torch.float32) / 127.5 - 1.0


def crop(images: Tensor, corner: Tensor, size: tuple[int, int]) -> Tensor:
    """Cuts `size` (h, w) out of each image (B, c, H, W), from its corner (B, 2)."""
    rows = corner[:, 0, None] + torch.arange(size[0], device=images.device)  # (B, h)
    columns = corner[:, 1, None] + torch.arange(size[1], device=images.device)
    each = torch.arange(len(images), device=images.device)[:, None, None]
    cut = images.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]]  # (B, h, w, c)
    return cut.permute(0, 3, 1, 2)


def _network(channels: int, config: VisionConfig) -> nn.Module:
    match config.network:
        case VisionNetwork.SMALL:
            return SmallCnn(channels, config.crop, config.size, config.features)
        case VisionNetwork.RESNET18:
            return ResNet18(channels, config.crop, config.features)
