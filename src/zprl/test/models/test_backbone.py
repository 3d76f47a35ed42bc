"""The frozen ResNet18: torchvision's names, its inputs, and that nothing of it is trained."""

import itertools

import torch
from torch import nn

from zprl.models.backbone import DEVIATION, MEAN, Backbone, FrozenBatchNorm
from zprl.models.vision import VisionEncoder, scaled
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl_core.observation_spec import StreamKind, StreamSpec

CAMERAS = tuple(StreamSpec(n, f"camera/{n}/color/image_raw", StreamKind.IMAGE, (40, 40, 3)) for n in ("front", "wrist"))
OF_NORM = ("weight", "bias", "running_mean", "running_var")


def names_of_torchvision() -> set[str]:
    """The names in torchvision's state dict of a ResNet18, without the classifier and the counters."""
    blocks = [f"layer{layer}.{block}" for layer, block in itertools.product(range(1, 5), range(2))]
    units = [("conv1", "bn1"), *((f"{block}.conv{k}", f"{block}.bn{k}") for block in blocks for k in (1, 2))]
    units += [(f"layer{layer}.0.downsample.0", f"layer{layer}.0.downsample.1") for layer in (2, 3, 4)]
    return {f"{conv}.weight" for conv, _ in units} | {f"{norm}.{name}" for _, norm in units for name in OF_NORM}


def test_it_has_the_names_of_torchvision() -> None:
    assert set(Backbone().state_dict()) == names_of_torchvision() and len(names_of_torchvision()) == 100


def test_its_map_has_one_place_for_32_pixels() -> None:
    assert Backbone()(torch.zeros(1, 3, 65, 40)).shape == (1, 512, 3, 2)


def test_pixels_are_normalized_as_in_imagenet_and_one_channel_is_gray() -> None:
    backbone, seen = Backbone(), []
    backbone.conv1.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    image = torch.randint(0, 256, (1, 32, 32, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    backbone(scaled(image))
    expected = (image / 255.0 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)
    torch.testing.assert_close(seen[0], expected.permute(0, 3, 1, 2), atol=1e-5, rtol=1e-5)
    gray = image[..., :1]
    torch.testing.assert_close(backbone(scaled(gray)), backbone(scaled(gray.expand(-1, -1, -1, 3))))


def test_the_norm_is_that_of_torch_in_evaluation() -> None:
    torch.manual_seed(0)
    norm, frozen = nn.BatchNorm2d(4), FrozenBatchNorm(4)
    for name in OF_NORM:
        getattr(norm, name).data.uniform_(0.5, 2.0)
        getattr(frozen, name).copy_(getattr(norm, name))
    x = torch.randn(3, 4, 5, 5)
    torch.testing.assert_close(frozen.train()(x), norm.eval()(x))


def test_training_moves_the_heads_only() -> None:
    torch.manual_seed(0)
    encoder = VisionEncoder(CAMERAS, VisionConfig(VisionNetwork.PRETRAINED, 4, (40, 40), (36, 36))).train()
    assert encoder.backbone is not None
    before = {name: x.clone() for name, x in encoder.state_dict().items()}
    images = {c.name: torch.randint(0, 256, (2, *c.shape), dtype=torch.uint8) for c in CAMERAS}
    encoder(images).square().sum().backward()
    moved = {name for name, p in encoder.named_parameters() if p.grad is not None}
    assert moved == {name for name, p in encoder.named_parameters() if p.requires_grad}
    assert moved and all(name.startswith("networks.") for name in moved)
    assert all(torch.equal(x, before[name]) for name, x in encoder.state_dict().items())
    assert len({id(m) for m in encoder.modules() if isinstance(m, Backbone)}) == 1, "one serves all cameras"
