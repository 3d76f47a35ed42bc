"""A small image encoder for CPUs: a few convolutions and a spatial softmax."""

from torch import Tensor, nn

from zprl.models.spatial import SpatialSoftmax

KEYPOINTS = 32


class SmallCnn(nn.Module):
    """Encodes one camera's crops by the image positions of KEYPOINTS learned features."""

    def __init__(
        self, channels: int, crop: tuple[int, int], size: tuple[int, int], features: int, dilations: tuple[int, ...]
    ):
        """`channels`: of an image. `crop` and `size`: height and width of a crop and of the whole image.

        `dilations`: of a 3x3 convolution each; with 1, 2 and 4 a feature sees 65 pixels.
        """
        super().__init__()
        halves = [
            nn.Conv2d(channels, 16, 5, stride=2, padding=2), nn.GELU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.GELU(),
        ]  # fmt: skip
        dilated = [layer for d in dilations for layer in (nn.Conv2d(32, 32, 3, padding=d, dilation=d), nn.GELU())]
        self.convolutions = nn.Sequential(*halves, *dilated, nn.Conv2d(32, KEYPOINTS, 1))
        height, width = ((n + 3) // 4 for n in crop)  # halved twice, rounded up
        self.softmax = SpatialSoftmax((height, width), crop, size)
        self.head = nn.Sequential(nn.Linear(2 * KEYPOINTS, features), nn.LayerNorm(features), nn.Tanh())

    def forward(self, crops: Tensor, corner: Tensor) -> Tensor:
        """Maps crops (B, c, h, w) in [-1, 1] and their corners (B, 2) [px] to features (B, F) in [-1, 1]."""
        keypoints = self.softmax(self.convolutions(crops), corner)
        out: Tensor = self.head(keypoints)
        return out
