"""Crops, resizing, spatial layers and the networks."""

import pytest
import torch

from zprl.models.crops import crop, random_corners
from zprl.models.spatial import SpatialSoftmax
from zprl.models.vision import VisionEncoder, resized, resized_depth, scaled
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl_core.observation_spec import StreamKind, StreamSpec, depth_stream

CAMERAS = tuple(StreamSpec(n, f"camera/{n}/color/image_raw", StreamKind.IMAGE, (48, 64, 3)) for n in ("front", "wrist"))
CONFIGS = [VisionConfig(network, 8, (40, 40), (36, 36)) for network in VisionNetwork]


def images(batch: int = 2) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    return {c.name: torch.randint(0, 256, (batch, *c.shape), generator=rng, dtype=torch.uint8) for c in CAMERAS}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.network.value)
def test_each_camera_adds_its_features(config: VisionConfig) -> None:
    torch.manual_seed(0)
    encoder = VisionEncoder(CAMERAS, config).eval()
    features = encoder(images())
    assert features.shape == (2, 16) and encoder.size == 16
    assert features.abs().max() <= 1.0
    one = {name: x[:1] for name, x in images().items()}
    torch.testing.assert_close(encoder(one), features[:1], atol=1e-5, rtol=1e-5)
    swapped = {"front": images()["wrist"], "wrist": images()["front"]}
    assert not torch.allclose(encoder(swapped), features), "the cameras must have networks of their own"


def test_the_center_is_seen_without_corners_and_chance_draws_these() -> None:
    torch.manual_seed(0)
    encoder = VisionEncoder(CAMERAS, CONFIGS[1])
    batch = len(images()[CAMERAS[0].name])
    rngs = [torch.Generator().manual_seed(seed) for seed in (1, 1, 2)]
    corners = [random_corners(CONFIGS[1], len(CAMERAS), batch, rng) for rng in rngs]
    assert corners[0].shape == (len(CAMERAS), batch, 2)
    drawn = [encoder(images(), x) for x in corners]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert torch.equal(encoder(images()), encoder(images()))
    size, cut = encoder.config.size, encoder.config.crop
    center = torch.tensor([(size[0] - cut[0]) // 2, (size[1] - cut[1]) // 2]).expand(len(CAMERAS), batch, 2)
    assert torch.equal(encoder(images()), encoder(images(), center))


def test_a_crop_is_the_part_from_its_corner() -> None:
    x = torch.arange(2 * 5 * 6 * 3, dtype=torch.uint8).reshape(2, 5, 6, 3)
    cut = crop(x, torch.tensor([[0, 0], [2, 3]]), (3, 2))
    assert torch.equal(cut[0], x[0, :3, :2]) and torch.equal(cut[1], x[1, 2:, 3:5])


def test_resizing_averages_pixels_and_pixels_are_scaled_to_one() -> None:
    x = torch.tensor([[[[0], [255]], [[255], [254]]]], dtype=torch.uint8)  # (1, 2, 2, 1)
    assert resized(x, (2, 2)) is x and resized(x, (1, 1)).item() == 191
    assert scaled(x)[0, 0, 0].tolist() == [-1.0, 1.0] and scaled(x).shape == (1, 1, 2, 2)


def test_resizing_depth_averages_what_was_measured() -> None:
    x = torch.tensor([[[100, 0, 0, 0], [104, 102, 90, 0]]], dtype=torch.uint8)[..., None]  # (1, 2, 4, 1)
    assert resized_depth(x, (2, 4)) is x
    assert resized_depth(x, (1, 2)).flatten().tolist() == [102, 0]
    encoder = VisionEncoder((depth_stream("front", 0.2, 1.0, (80, 80)),), CONFIGS[0])
    depth = torch.zeros(1, 80, 80, 1, dtype=torch.uint8)
    depth[:, ::2] = 200  # half of the pixels
    full = torch.full_like(depth, 200)
    assert torch.equal(encoder({"front_depth": depth}), encoder({"front_depth": full}))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.network.value)
def test_color_and_depth_are_encoded_side_by_side(config: VisionConfig) -> None:
    cameras = (CAMERAS[0], depth_stream("front", 0.2, 1.0, (48, 64)))
    seen = {"front": images()["front"], "front_depth": images()["wrist"][..., :1]}
    assert VisionEncoder(cameras, config)(seen).shape == (2, 16)


def test_a_position_does_not_depend_on_where_the_crop_lies() -> None:
    """A bright spot at row 21, column 30 of the whole image, seen by two crops of 32 x 32 whose map has 16 x 16 places.

    Its place in the map is rows 8..9 or 4..5; its position is (2 * 21 / 40 - 1, 2 * 30 / 40 - 1) in both.
    """
    layer = SpatialSoftmax((16, 16), (32, 32), (40, 40))
    for corner in ((4, 4), (6, 8)):
        maps = torch.full((1, 1, 16, 16), -50.0)
        row, column = (21 - corner[0]) / 2, (30 - corner[1]) / 2  # in places: centers are at k + 0.5
        for r in (int(row - 0.5), int(row + 0.5)):
            maps[0, 0, r, int(column - 0.5) : int(column + 0.5) + 1] = 50.0
        found = layer(maps, torch.tensor([corner], dtype=torch.float32))[0]
        assert found.tolist() == pytest.approx([0.05, 0.5], abs=0.06)


def test_standardized_features_have_mean_0_and_deviation_1_over_the_data() -> None:
    torch.manual_seed(0)
    encoder = VisionEncoder(CAMERAS, CONFIGS[0])
    features = 0.1 * torch.randn(500, 16) + 0.4
    encoder.fit(features)
    z = encoder.standardized(features)
    assert z.mean(0).abs().max() < 1e-4 and (z.std(0) - 1).abs().max() < 1e-2
