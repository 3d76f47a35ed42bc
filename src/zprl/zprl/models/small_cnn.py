"""A small image encoder for CPUs: four convolutions and a spatial softmax."""

from torch import Tensor, nn

from zprl.models.spatial import SpatialSoftmax

KEYPOINTS = 32


class SmallCnn(nn.Module):
    """Encodes one camera's crops by the image positions of KEYPOINTS learned features."""

    def __init__(self, channels: int, crop: tuple[int, int], size: tuple[int, int], features: int):
        """`channels`: of an image. `crop` and `size`: height and width of a crop and of the whole image."""
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, 16, 5, stride=2, padding=2), nn.GELU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.GELU(),
            nn.Conv2d(32, 32, 3, padding=1), nn.GELU(),
            nn.Conv2d(32, KEYPOINTS, 1),
        )  # fmt: skip
        height, width = ((n + 3) // 4 for n in crop)  # halved twice, rounded up
        self.softmax = SpatialSoftmax((height, width), crop, size)
        self.head = nn.Sequential(nn.Linear(2 * KEYPOINTS, features), nn.LayerNorm(features), nn.Tanh())

    def forward(self, crops: Tensor, corner: Tensor) -> Tensor:
        """Maps crops (B, c, h, w) in [-1, 1] and their corners (B, 2) [px] to features (B, F) in [-1, 1]."""
        keypoints = self.softmax(self.convolutions(crops), corner)
        out: Tensor = self.head(keypoints)
        return out
