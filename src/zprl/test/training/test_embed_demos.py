"""Demonstrations as the base embeds them, in its folder."""

from pathlib import Path

import pytest
import torch

from toy import toy_demos
from zprl.checkpoints.base_demos import add_demos, load_demos
from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.fingerprint import read_fingerprint
from zprl.checkpoints.metadata import has_demos, read_metadata
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.training.embed_demos import embedded
from zprl.training.windows import windows
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation


@pytest.fixture
def base() -> BasePolicy:
    torch.manual_seed(0)
    return BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8))


def test_embedded_demonstrations_are_kept_with_the_base(base: BasePolicy, tmp_path: Path) -> None:
    demos = toy_demos(3)
    found = embedded(base, demos)
    save_base(tmp_path / "with", base, demonstrations=found)
    save_base(tmp_path / "without", base)
    again = load_demos(tmp_path / "with")
    assert all(torch.equal(x, getattr(found, name)) for name, x in vars(again).items())
    state = windows(demos, 1).observations(torch.tensor([7]))
    assert torch.allclose(again.e[7], load_base(tmp_path / "with").embed(state).e[0])
    assert again.episode_ends.tolist() == demos.episode_ends.tolist()
    assert read_fingerprint(tmp_path / "with") == read_fingerprint(tmp_path / "without")


def test_a_base_without_them_says_what_to_do(base: BasePolicy, tmp_path: Path) -> None:
    save_base(tmp_path / "base", base)
    with pytest.raises(
        CheckpointError, match=r"has no demonstrations\.safetensors.*otherwise set learner.demo_share to 0"
    ):
        load_demos(tmp_path / "base")


def test_they_are_added_to_a_base_of_an_earlier_version(base: BasePolicy, tmp_path: Path) -> None:
    save_base(tmp_path / "base", base, task="lift")
    (tmp_path / "base" / "export.onnx").touch()
    before = read_metadata(tmp_path / "base"), read_fingerprint(tmp_path / "base")
    demos = embedded(base, toy_demos(2))
    assert not has_demos(tmp_path / "base")
    add_demos(tmp_path / "base", demos)
    assert torch.equal(load_demos(tmp_path / "base").e, demos.e)
    assert {p.name for p in (tmp_path / "base").iterdir()} == {
        "base.safetensors", "checkpoint.json", "demonstrations.safetensors", "export.onnx",
    }  # fmt: skip
    after = read_metadata(tmp_path / "base")
    assert after["sha256"].pop("demonstrations")
    assert (after, read_fingerprint(tmp_path / "base")) == before


def test_a_full_disk_leaves_a_base_as_it_was(base: BasePolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_base(tmp_path / "base", base)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match=r"cannot write .*No space left on device; free some disk space"):
        add_demos(tmp_path / "base", embedded(base, toy_demos(2)))
    monkeypatch.undo()
    load_base(tmp_path / "base")
    assert not has_demos(tmp_path / "base")


def test_damaged_ones_are_refused(base: BasePolicy, tmp_path: Path) -> None:
    save_base(tmp_path / "base", base, demonstrations=embedded(base, toy_demos(2)))
    path = tmp_path / "base" / "demonstrations.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="its checksum is wrong"):
        load_demos(tmp_path / "base")
