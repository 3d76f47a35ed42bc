"""Weights of a backbone are read from torchvision's file or safetensors; everything else is refused by name."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from zprl.checkpoints.backbone_file import backbone_in, read_backbone
from zprl.models.backbone import Backbone
from zprl_core.errors import CheckpointError

CONV = torch.zeros(64, 3, 7, 7)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_of_torchvision_is_read_and_the_classifier_left_out(tmp_path: Path, suffix: str) -> None:
    """Some files have counters of batches, or half precision."""
    torch.manual_seed(0)
    weights, path = Backbone().state_dict(), tmp_path / f"resnet18{suffix}"
    weights["bn1.running_mean"] = torch.full((64,), 0.5, dtype=torch.float16)
    others = {"fc.weight": torch.zeros(2, 512), "fc.bias": torch.zeros(2), "bn1.num_batches_tracked": torch.tensor(3)}
    torch.save({**weights, **others}, path) if suffix == ".pth" else save_file({**weights, **others}, path)
    found = backbone_in(str(path))
    assert found is not None and found.keys() == weights.keys()
    assert all(
        torch.equal(found[name], x.float()) and found[name].dtype == torch.float32 for name, x in weights.items()
    )
    Backbone().load_state_dict(found)


def test_without_a_file_there_are_no_weights() -> None:
    assert backbone_in(None) is None


NORM = {f"bn1.{name}": torch.zeros(64) for name in ("weight", "bias", "running_mean", "running_var")}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            {"backbone.conv1.weight": CONV},
            "has no tensor conv1.weight, its first entries are backbone.conv1.weight; give",
        ),
        ({"state_dict": {"conv1.weight": CONV}}, "has no tensor conv1.weight, its first entries are state_dict"),
        ({}, "its first entries are nothing"),
        ({"conv1.weight": 3}, "has no tensor conv1.weight"),
        ({"conv1.weight": CONV[:, :1]}, r"conv1.weight has shape \(64, 1, 7, 7\) .* a ResNet18 has \(64, 3, 7, 7\)"),
        ({"conv1.weight": CONV.long()}, "conv1.weight has .* type torch.int64"),
        ({"conv1.weight": CONV + float("nan")}, "conv1.weight has numbers that are not finite"),
        (
            {"conv1.weight": CONV, **NORM, "bn1.running_var": -torch.ones(64)},
            "bn1.running_var has .* negative variance",
        ),
        ({"conv1.weight": CONV, **NORM}, "has no tensor layer1.0.conv1.weight"),
        ([CONV], "has a list, not a state dict"),
        (argparse.Namespace(conv1=CONV), "cannot be read"),  # an object: only tensors are unpickled
    ],
    ids=lambda x: "" if isinstance(x, str) else type(x).__name__,
)
def test_other_content_is_refused_with_what_to_give(tmp_path: Path, content: Any, why: str) -> None:
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=why) as found:
        read_backbone(path)
    assert "torchvision's names" in str(found.value) and "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("name", "write", "why"),
    [
        ("absent.pth", lambda path: None, "there is no file"),
        ("folder.pth", lambda path: path.mkdir(), "there is no file"),
        ("weights.onnx", lambda path: path.write_bytes(b"x"), "must end in .pth, .pt or .safetensors"),
        ("empty.pth", lambda path: path.touch(), "cannot be read"),
        ("text.pth", lambda path: path.write_text("version https://git-lfs"), "cannot be read"),
        ("text.safetensors", lambda path: path.write_text("version https://git-lfs"), "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_weights_is_refused(
    tmp_path: Path, name: str, write: Callable[[Path], object], why: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(CheckpointError, match=why):
        read_backbone(tmp_path / name)
