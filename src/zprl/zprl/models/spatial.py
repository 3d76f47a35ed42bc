"""Layers that turn a feature map into a vector without losing where things are."""

import torch
from torch import Tensor, nn


class SpatialSoftmax(nn.Module):
    """The expected image position of each channel (Levine et al. 2016), in coordinates of the image before its crop.

    A crop moves the positions within the map but not these coordinates, so a random crop costs no accuracy.
    """

    def __init__(self, map_size: tuple[int, int], crop: tuple[int, int], size: tuple[int, int]):
        """`map_size`: height and width of the feature map of a `crop` (h, w) out of an image of `size` (h, w)."""
        super().__init__()
        self.size = size
        rows, columns = (
            (torch.arange(n, dtype=torch.float32) + 0.5) * (pixels / n)
            for n, pixels in zip(map_size, crop, strict=True)
        )
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        self.register_buffer("places", torch.stack([y.flatten(), x.flatten()], dim=-1), persistent=False)  # (P, 2) [px]
        self.temperature = nn.Parameter(torch.ones(()))

    places: Tensor

    def forward(self, maps: Tensor, corner: Tensor) -> Tensor:
        """Maps (B, K, h, w) and the crop's upper left corner (B, 2) [px] to positions (B, 2 K) in [-1, 1]."""
        weights = torch.softmax(maps.flatten(2) * self.temperature, dim=-1)
        at = weights @ self.places + corner[:, None, :]  # (B, K, 2) [px]
        height, width = self.size
        scale = at.new_tensor([2.0 / height, 2.0 / width])
        return (at * scale - 1.0).flatten(1)


class SpatialEmbedding(nn.Module):
    """Weights every place of every channel for each feature: (B, C, h, w) -> (B, C * features)."""

    def __init__(self, channels: int, map_size: tuple[int, int], features: int):
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(channels, map_size[0] * map_size[1], features) * 0.05)

    def forward(self, maps: Tensor) -> Tensor:
        weighed: Tensor = torch.einsum("bcp,cpf->bcf", maps.flatten(2), self.kernel)
        return weighed.flatten(1)
