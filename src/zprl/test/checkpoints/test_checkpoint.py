"""What cannot be used is refused with one line that says why; what was there stays."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from experience import learner
from zprl.checkpoints.checkpoint import (
    fingerprint,
    load_base,
    metadata_from,
    pack_actor,
    save_base,
    unpack_actor,
    write_folder,
)
from zprl.checkpoints.learner_checkpoint import load_actor, save_learner
from zprl.checkpoints.metadata import read_cameras, read_metadata
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.training.demos import Demos
from zprl_core.errors import CheckpointError
from zprl_core.files import checksum_of
from zprl_core.observation_spec import arm_observation
from zprl_core.streams.camera_model import CameraModel

SMALL = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)


def test_a_base_comes_back_the_same(tmp_path: Path) -> None:
    base = BasePolicy(SMALL)
    save_base(tmp_path / "base", base)
    again = load_base(tmp_path / "base")
    assert fingerprint(again) == fingerprint(base) and again.config == base.config
    assert not any(p.requires_grad for p in again.parameters())


def test_the_cameras_of_a_base_come_back_and_change_nothing_else(tmp_path: Path) -> None:
    base, camera = BasePolicy(SMALL), CameraModel((128, 128), (150.0, 150.0), (63.5, 63.5), "fr3_link0")
    save_base(tmp_path / "known", base, {"front": camera})
    save_base(tmp_path / "plain", base)
    assert read_cameras(tmp_path / "known") == {"front": camera} and read_cameras(tmp_path / "plain") == {}
    known, plain = read_metadata(tmp_path / "known"), read_metadata(tmp_path / "plain")
    del known["cameras"]
    assert known == plain


@pytest.mark.parametrize(
    "value", [3, {"front": {"size": [1, 1]}}, {"front": {"size": [0, 1], "focal": [1, 1], "center": [0, 0]}}]
)
def test_damaged_cameras_are_refused(tmp_path: Path, value: object) -> None:
    save_base(tmp_path, BasePolicy(SMALL))
    path = tmp_path / "checkpoint.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cameras": value}))
    with pytest.raises(CheckpointError, match="has unusable cameras"):
        read_cameras(tmp_path)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no checkpoint in .*nowhere"):
        load_base(tmp_path / "nowhere")


def test_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    save_base(tmp_path / "base", BasePolicy(SMALL))
    path = tmp_path / "base" / "base.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="is damaged"):
        load_base(tmp_path / "base")


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    base = BasePolicy(SMALL)
    next(base.bottleneck.decoder.parameters()).data[0, 0] = float("nan")
    save_base(tmp_path / "base", base)
    with pytest.raises(CheckpointError, match="not finite"):
        load_base(tmp_path / "base")


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "actor"
    write_folder(folder, {"x": {"a": torch.ones(1)}}, {"which": "old"})

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zprl.checkpoints.checkpoint.write_synced", full)
    with pytest.raises(CheckpointError, match="free some disk space"):
        write_folder(folder, {"x": {"a": torch.zeros(1)}}, {"which": "new"})
    assert '"which": "old"' in (folder / "checkpoint.json").read_text()


def test_a_writer_killed_between_its_renames_loses_nothing(tmp_path: Path) -> None:
    save_base(tmp_path / "base", BasePolicy(SMALL))
    (tmp_path / "base").rename(tmp_path / ".base.old")
    assert load_base(tmp_path / "base").config == SMALL


def test_actor_weights_travel_as_bytes() -> None:
    actor = Actor(ActorShape(3, 2, 8))
    data = pack_actor(actor)
    again = unpack_actor(data, 3, 2, checksum_of(data))
    e, z = torch.randn(4, 3), torch.randn(4, 2)
    assert torch.equal(actor.mode(e, z), again.mode(e, z))


def test_a_wrong_checksum_is_refused() -> None:
    data = pack_actor(Actor(ActorShape(3, 2, 8)))
    with pytest.raises(CheckpointError, match="checksum"):
        unpack_actor(data[:-1] + b"?", 3, 2, checksum_of(data))


def test_an_actor_of_another_base_is_refused() -> None:
    with pytest.raises(CheckpointError, match="base and actor must come from the same run"):
        unpack_actor(pack_actor(Actor(ActorShape(4, 2, 8))), 3, 2)


def test_an_actor_comes_back_with_its_scale(tmp_path: Path) -> None:
    one = learner()
    save_learner(tmp_path / "actor", one, actor_version=3)
    actor, scale, counters = load_actor(tmp_path / "actor")
    e, z = torch.randn(4, 3), torch.randn(4, 2)
    assert torch.equal(actor.mode(e, z), one.sac.actor.mode(e, z))
    assert scale == 0.5 and counters.actor_version == 3


def test_one_flipped_bit_is_found(tmp_path: Path) -> None:
    save_base(tmp_path / "base", BasePolicy(SMALL))
    path = tmp_path / "base" / "base.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="checksum is wrong"):
        load_base(tmp_path / "base")


def test_weights_say_what_they_are() -> None:
    data = pack_actor(Actor(ActorShape(3, 2, 8)), {"run": "lift", "number": "7"})
    assert metadata_from(data) == {"run": "lift", "number": "7"}
    with pytest.raises(CheckpointError, match="no header"):
        metadata_from(data[:40])


def test_demonstrations_come_back_the_same_or_not_at_all(tmp_path: Path) -> None:
    demos = Demos(
        np.zeros((3, 11), np.float32), np.ones((3, 5), np.float32), np.array([1, 3]), "lift", 4, SMALL.observation
    )
    demos.save(tmp_path / "demos")
    assert Demos.load(tmp_path / "demos").episode_ends.tolist() == [1, 3]
    path = tmp_path / "demos" / "demos.safetensors"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CheckpointError, match="damaged"):
        Demos.load(tmp_path / "demos")
    with pytest.raises(CheckpointError, match="no demonstrations"):
        Demos.load(tmp_path / "nothing")


def test_a_base_of_an_earlier_version_loads(tmp_path: Path) -> None:
    save_base(tmp_path / "base", BasePolicy(SMALL))
    path = tmp_path / "base" / "checkpoint.json"
    sizes = '{"objects": ["cube"], "latent": 2, "horizon": 4, "execute": 2, "euler_steps": 5, "hidden": 8}'
    path.write_text(json.dumps({**json.loads(path.read_text()), "base": json.loads(sizes)}))
    assert load_base(tmp_path / "base").config == SMALL
