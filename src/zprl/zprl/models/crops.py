"""Crops of images: random ones in training, else central. A corner is row and column of a crop's first pixel."""

import torch
from torch import Tensor

from zprl.models.vision_config import VisionConfig


def random_corners(config: VisionConfig, cameras: int, batch: int, rng: torch.Generator) -> Tensor:
    """Draws a corner for each camera's crop of each image, (cameras, batch, 2) int64 [px]."""
    return torch.stack([(torch.rand(batch, 2, generator=rng) * (_room(config) + 1)).long() for _ in range(cameras)])


def central_corners(config: VisionConfig, cameras: int, batch: int) -> Tensor:
    """Returns the corners of crops at the images' centers, (cameras, batch, 2) int64 [px]."""
    return (_room(config) // 2).expand(cameras, batch, 2)


def crop(images: Tensor, corner: Tensor, size: tuple[int, int]) -> Tensor:
    """Cuts `size` (h, w) out of each image (B, H, W, c), from its corner (B, 2)."""
    rows = corner[:, 0, None] + torch.arange(size[0], device=images.device)  # (B, h)
    columns = corner[:, 1, None] + torch.arange(size[1], device=images.device)
    each = torch.arange(len(images), device=images.device)[:, None, None]
    return images[each, rows[:, :, None], columns[:, None, :]]


def _room(config: VisionConfig) -> Tensor:
    """The distances that a crop can move, down and to the right, (2,) [px]."""
    return torch.tensor([n - m for n, m in zip(config.size, config.crop, strict=True)])
