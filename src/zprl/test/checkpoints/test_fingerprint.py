"""The fingerprint of a base depends on its content, and on nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zprl.checkpoints.checkpoint import earlier_fingerprint, fingerprint, load_base, save_base
from zprl.checkpoints.fingerprint import fingerprint_of, read_fingerprint, short
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation

GOLDEN = "1f9cd9dbedecf134e215d78fe25ed4743af50632cd301788a5c33a371e1b2e42"
CONFIG = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)


def base() -> BasePolicy:
    torch.manual_seed(0)
    return BasePolicy(CONFIG)


def test_folder_copy_and_loaded_base_have_the_same(tmp_path: Path) -> None:
    save_base(tmp_path / "base", base(), task="lift")
    found = read_fingerprint(tmp_path / "base")
    shutil.copytree(tmp_path / "base", tmp_path / "copy" / "of it")
    assert read_fingerprint(tmp_path / "copy" / "of it") == found == fingerprint(load_base(tmp_path / "base"))
    assert len(found) == 64 and found.startswith(short(found)) and len(short(found)) == 12


def test_metadata_that_is_not_part_of_the_base_does_not_count(tmp_path: Path) -> None:
    save_base(tmp_path / "one", base(), task="lift", seed=0)
    save_base(tmp_path / "two", base(), task="push", seed=1)
    assert read_fingerprint(tmp_path / "one") == read_fingerprint(tmp_path / "two")


@pytest.mark.parametrize("name", ["velocity", "encoder.mean", "encoder.std", "z_rms"])
def test_weights_and_normalization_count(name: str) -> None:
    one, two = base(), base()
    key = next(key for key in two.state_dict() if key.startswith(name))
    with torch.no_grad():
        two.state_dict()[key].add_(1e-3)
    assert fingerprint(one) != fingerprint(two)


def test_specs_and_sizes_count() -> None:
    arrays = {"x": np.zeros(3, np.float32)}
    others = [
        replace(CONFIG, euler_steps=6),
        replace(CONFIG, n_action_steps=1),
        replace(CONFIG, observation=arm_observation(("ball",))),
    ]
    found = {fingerprint_of(config, arrays) for config in (CONFIG, *others)}
    found |= {fingerprint_of(CONFIG, {"y": arrays["x"]}), fingerprint_of(CONFIG, {"x": np.zeros((3, 1), np.float32)})}
    assert len(found) == 6


def test_it_stays_the_same_with_every_release() -> None:
    """A change of the specs' JSON would make every stored fingerprint that of another base."""
    assert fingerprint_of(CONFIG, {"x": np.arange(3, dtype=np.float32)}) == GOLDEN


def test_the_fingerprint_of_earlier_versions_is_known(tmp_path: Path) -> None:
    """The one that a base made by version 0.1 has in its checkpoint.json, of weights alone."""
    one = base()
    assert len(earlier_fingerprint(one)) == 16 and earlier_fingerprint(one) != fingerprint(one)[:16]


def test_a_damaged_base_is_one_clear_error(tmp_path: Path) -> None:
    save_base(tmp_path, base())
    path = tmp_path / "base.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="missing or damaged"):
        read_fingerprint(tmp_path)
    path.unlink()
    with pytest.raises(CheckpointError, match="missing or damaged"):
        read_fingerprint(tmp_path)
    (tmp_path / "checkpoint.json").write_text(json.dumps({"format": 2, "base": {}}))
    with pytest.raises(CheckpointError, match="unusable configuration"):
        read_fingerprint(tmp_path)
