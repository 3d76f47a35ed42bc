"""The image encoder: one network per camera, on crops of resized images.

A pretrained backbone is frozen, so one serves all cameras, each with a head of its own: a copy per camera would compute
the same and add 45 MB to the checkpoint.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.backbone import Backbone, BackboneHead
from zprl.models.crops import central_corners, crop
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
        self.backbone = Backbone() if config.network == VisionNetwork.PRETRAINED else None
        self.networks = nn.ModuleList(_network(camera.shape[2], config) for camera in cameras)
        self.depths = {camera.name for camera in cameras if camera.is_depth}
        self.size = len(cameras) * config.features
        self.register_buffer("mean", torch.zeros(self.size))
        self.register_buffer("std", torch.ones(self.size))

    def forward(self, images: Mapping[str, Tensor], corners: Tensor | None = None) -> Tensor:
        """Maps images (B, h, w, c) uint8, by camera, to features (B, cameras * F).

        `corners`: of the crops, (cameras, B, 2); None: crops at the images' centers.
        """
        if corners is None:
            first = images[self.names[0]]
            corners = central_corners(self.config, len(self.names), len(first)).to(first.device)
        features = []
        for name, network, corner in zip(self.names, self.networks, corners, strict=True):
            resize = resized_depth if name in self.depths else resized
            cut = scaled(crop(resize(images[name], self.config.size), corner, self.config.crop))
            seen = cut if self.backbone is None else self.backbone(cut)
            features.append(network(seen, corner.to(cut.dtype)))
        return torch.cat(features, dim=-1)

    def standardized(self, features: Tensor) -> Tensor:
        """Returns features with mean 0 and standard deviation 1 over the demonstrations, clipped to 5."""
        return ((features - self.mean) / self.std).clamp(-5.0, 5.0)

    def fit(self, features: Tensor, floor: float = 1e-2) -> None:
        """Sets mean and standard deviation from features (N, cameras * F). `floor` is the smallest deviation."""
        self.mean.copy_(features.mean(0))
        self.std.copy_(features.std(0).clamp_min(floor))

    @property
    def convolutional(self) -> tuple[nn.Module, ...]:
        """The parts with convolutions, which take nearly all of the time."""
        if self.backbone is not None:
            return (self.backbone,)
        return tuple(network.get_submodule("convolutions") for network in self.networks)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (B, h, w, c) uint8 to (B, *size, c) uint8: each pixel is the average of those that it covers."""
    if images.shape[1:3] == size:
        return images
    x = F.interpolate(images.permute(0, 3, 1, 2).to(torch.float32), size, mode="area")
    return x.round().to(torch.uint8).permute(0, 2, 3, 1)


def resized_depth(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes images of depth like `resized`; each pixel is the average of the measured ones that it covers.

    It is 0, no measurement, where fewer than half of them are measured.
    """
    if images.shape[1:3] == size:
        return images
    x = images.permute(0, 3, 1, 2).to(torch.float32)
    total, share = (F.interpolate(each, size, mode="area") for each in (x, (x > 0).to(x.dtype)))
    x = torch.where(share >= 0.5, total / share.clamp_min(0.5), 0.0)
    return x.round().to(torch.uint8).permute(0, 2, 3, 1)


def scaled(images: Tensor) -> Tensor:
    """Maps (B, h, w, c) uint8 to (B, c, h, w) in [-1, 1]."""
    return images.permute(0, 3, 1, 2).to(torch.float32) / 127.5 - 1.0


def _network(channels: int, config: VisionConfig) -> nn.Module:
    match config.network:
        case VisionNetwork.SMALL:
            return SmallCnn(channels, config.crop, config.size, config.features, config.dilations)
        case VisionNetwork.RESNET18:
            return ResNet18(channels, config.crop, config.features)
        case VisionNetwork.PRETRAINED:
            return BackboneHead(config.crop, config.features)
