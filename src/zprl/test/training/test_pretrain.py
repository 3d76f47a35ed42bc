"""A base with a pretrained backbone: the backbone stays as it was, and is part of the checkpoint."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zprl.checkpoints.checkpoint import fingerprint, load_base, save_base
from zprl.models.backbone import Backbone
from zprl.models.config import BaseConfig
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.minimize import minimize, no_progress
from zprl.training.pretrain import pretrain
from zprl_core.action_spec import ActionSpec
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation

CAMERAS = tuple(StreamSpec(n, f"camera/{n}/color/image_raw", StreamKind.IMAGE, (32, 32, 3)) for n in ("front", "wrist"))
SEEN = ObservationSpec((*arm_observation(()).streams, *CAMERAS))
PRETRAINED = VisionConfig(VisionNetwork.PRETRAINED, 4, (32, 32), (32, 32))
CONFIG = BaseConfig(SEEN, latent_dim=2, horizon=4, n_action_steps=2, hidden=8, vision=PRETRAINED)
SHORT = PretrainConfig(steps=3, batch=4)


def demos() -> Demos:
    rng, action = np.random.default_rng(0), ActionSpec()
    return Demos(
        rng.uniform(-1, 1, (6, SEEN.state_size)).astype(np.float32),
        rng.uniform(-1, 1, (6, action.size)).astype(np.float32),
        np.array([6]),
        "seen",
        0,
        SEEN,
        action,
        images={c.name: rng.integers(0, 256, (6, *c.shape), dtype=np.uint8) for c in CAMERAS},
    )


def test_the_backbone_is_not_trained_and_its_weights_are_in_the_checkpoint(tmp_path: Path) -> None:
    torch.manual_seed(3)
    weights = Backbone().state_dict()
    weights["bn1.running_var"] = weights["bn1.running_var"] * 2.0
    base = pretrain(demos(), CONFIG, SHORT, backbone=weights)
    assert base.vision is not None and base.vision.backbone is not None
    found = base.vision.backbone.state_dict()
    assert all(torch.equal(found[name], x) for name, x in weights.items())
    save_base(tmp_path / "base", base)
    loaded = load_base(tmp_path / "base")
    assert fingerprint(loaded) == fingerprint(base) and loaded.config == CONFIG
    assert 44e6 < (tmp_path / "base" / "base.safetensors").stat().st_size < 47e6
    assert loaded.vision is not None and loaded.vision.backbone is not None
    loaded.vision.backbone.layer4[1].bn2.running_mean[0] += 1.0
    assert fingerprint(loaded) != fingerprint(base)


def test_weights_without_a_backbone_and_a_backbone_without_weights_are_refused() -> None:
    small = replace(CONFIG, vision=VisionConfig(VisionNetwork.SMALL, 4, (32, 32), (32, 32)))
    for config, weights in ((CONFIG, None), (small, {})):
        with pytest.raises(ValueError, match="needs the weights of that backbone"):
            pretrain(demos(), config, SHORT, backbone=weights)


class Squares(nn.Module):
    """The squared output of two layers."""

    def __init__(self, layers: nn.Module):
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"squares": self.layers(x).square().mean()}


def test_what_requires_no_gradient_stays_and_the_rest_is_trained_and_averaged() -> None:
    """With weight decay, a frozen parameter in the optimizer would still be left alone only if it had no gradient."""
    torch.manual_seed(0)
    frozen, trained = nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 2)
    module, average = nn.Sequential(frozen, trained), nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    average.load_state_dict(module.state_dict())
    average.requires_grad_(False)
    before = {name: x.clone() for name, x in module.state_dict().items()}
    config = PretrainConfig(steps=5, batch=4, weight_decay=0.5, warmup=1)
    cpu = Fabric(accelerator="cpu", devices=1)
    minimize(cpu, Squares(module), module, average, lambda: (torch.randn(4, 2),), config, no_progress)
    for found in (module.state_dict(), average.state_dict()):
        assert {name for name, x in found.items() if not torch.equal(x, before[name])} == {"1.weight", "1.bias"}
