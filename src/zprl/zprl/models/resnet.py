"""ResNet18 with GroupNorm and a spatial embedding, trained from scratch (method.md, offline)."""

from torch import Tensor, nn

from zprl.models.spatial import SpatialEmbedding

STAGES = (64, 128, 256, 512)  # channels
EMBEDDED = 8  # numbers of each channel in the spatial embedding


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(channels // 16, channels)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), _norm(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), _norm(outputs),
        )  # fmt: skip
        same = inputs == outputs and stride == 1
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), _norm(outputs))
        )
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.path(x) + self.shortcut(x))
        return out


class ResNet18(nn.Module):
    """Encodes one camera's crops."""

    def __init__(self, channels: int, crop: tuple[int, int], features: int):
        """`channels`: of an image. `crop`: height and width of a crop."""
        super().__init__()
        stem = [nn.Conv2d(channels, 64, 7, 2, 3, bias=False), _norm(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        blocks: list[nn.Module] = []
        before = 64
        for stage, width in enumerate(STAGES):
            blocks += [ResidualBlock(before, width, 1 if stage == 0 else 2), ResidualBlock(width, width, 1)]
            before = width
        self.convolutions = nn.Sequential(*stem, *blocks)
        height, width = (halved(n, 5) for n in crop)
        self.embedding = SpatialEmbedding(STAGES[-1], (height, width), EMBEDDED)
        self.head = nn.Sequential(nn.Linear(STAGES[-1] * EMBEDDED, features), nn.LayerNorm(features), nn.Tanh())

    def forward(self, crops: Tensor, corner: Tensor) -> Tensor:
        """Maps crops (B, c, h, w) in [-1, 1] to features (B, F) in [-1, 1]; where the crop lies is not used."""
        out: Tensor = self.head(self.embedding(self.convolutions(crops)))
        return out


def halved(pixels: int, times: int) -> int:
    """Size of a side after `times` layers of stride 2, each rounding up."""
    for _ in range(times):
        pixels = -(-pixels // 2)
    return pixels
