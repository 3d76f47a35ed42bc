"""A frozen ResNet18 (He et al. 2016) with the names and layout of torchvision, and the head that is trained on it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.resnet import EMBEDDED, STAGES, halved
from zprl.models.spatial import SpatialEmbedding

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pixels in [0, 1]: red, green, blue


class FrozenBatchNorm(nn.Module):
    """Batch normalization by stored statistics. They and its scale are buffers, which training does not move."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, training=False)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), FrozenBatchNorm(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), FrozenBatchNorm(outputs)
        self.downsample = (
            None
            if inputs == outputs and stride == 1
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), FrozenBatchNorm(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class Backbone(nn.Module):
    """Maps crops (B, 1 or 3, h, w) in [-1, 1] to the last feature map (B, 512, h / 32, w / 32), rounded up.

    No parameter requires a gradient. A channel of one, such as depth, is taken as gray. Without weights from a file it
    is random.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, STAGES[0], 7, 2, 3, bias=False), FrozenBatchNorm(STAGES[0])
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            nn.Sequential(BasicBlock(before, width, stride), BasicBlock(width, width, 1))
            for before, width, stride in zip((STAGES[0], *STAGES), STAGES, (1, 2, 2, 2), strict=False)
        )
        # In [-1, 1], as crops are
        self.register_buffer("mean", 2.0 * torch.tensor(MEAN).view(1, 3, 1, 1) - 1.0, persistent=False)
        self.register_buffer("deviation", 2.0 * torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def forward(self, crops: Tensor) -> Tensor:
        x = (crops - self.mean) / self.deviation  # broadcasts one channel to three
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        out: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return out


class BackboneHead(nn.Module):
    """Encodes one camera's feature map by a spatial embedding, like the head of a ResNet18 trained from scratch."""

    def __init__(self, crop: tuple[int, int], features: int):
        """`crop`: height and width of a crop."""
        super().__init__()
        height, width = (halved(n, 5) for n in crop)
        self.embedding = SpatialEmbedding(STAGES[-1], (height, width), EMBEDDED)
        self.head = nn.Sequential(nn.Linear(STAGES[-1] * EMBEDDED, features), nn.LayerNorm(features), nn.Tanh())

    def forward(self, maps: Tensor, corner: Tensor) -> Tensor:
        """Maps feature maps (B, 512, h, w) to features (B, F) in [-1, 1]; where the crop lies is not used."""
        out: Tensor = self.head(self.embedding(maps))
        return out
