"""A record, an actor and a robot's state say what they were made with."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.origin import Origin, OriginError, read_origin
from zprl.checkpoints.run_folder import RunFolder
from zprl.checkpoints.saved_origin import (
    NAME,
    actor_origin,
    check_actor_origin,
    check_run_origin,
    keep_origin,
    read_origin_file,
)
from zprl.delivery.replay_log import ReplayLog
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import Steer, SteeringConfig
from zprl_core.action_spec import PLANAR
from zprl_core.errors import RecordError
from zprl_core.observation_spec import arm_observation

A = Origin(
    arm_observation(("cube",)), PLANAR, "a" * 64, "runs/A/base", "lift", "lift", "cpu", SteeringConfig(latent_ratio=1.0)
)
OF_SPECS = replace(A, observation=arm_observation(("cube", "tray")))
OTHERS = {
    "base": replace(A, base="b" * 64, base_folder="runs/B/base"),
    "task": replace(A, task="push"),
    "preset": replace(A, preset="fast"),
    "steering": replace(A, steering=SteeringConfig(Steer.ACTION)),
}


def test_a_run_continues_with_its_base(tmp_path: Path) -> None:
    assert keep_origin(tmp_path / "record", A, "record") == ""
    assert keep_origin(tmp_path / "record", A, "record") == ""
    assert keep_origin(tmp_path / "record", replace(A, base_folder="a/copy"), "record") == ""
    assert read_origin_file(tmp_path / "record" / NAME) == A


@pytest.mark.parametrize("name", OTHERS)
def test_another_one_is_refused_with_both_and_nothing_changes(tmp_path: Path, name: str) -> None:
    keep_origin(tmp_path, A, "record")
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(OriginError, match=f"another {name}: give that {name}, or another run folder") as refused:
        keep_origin(tmp_path, OTHERS[name], "record")
    assert (tmp_path / NAME).read_bytes() == before
    shown = {
        "base": ("aaaaaaaaaaaa (runs/A/base)", "bbbbbbbbbbbb (runs/B/base)"),
        "task": ("lift", "push"),
        "preset": ("cpu", "fast"),
        "steering": ("latent, latent_ratio 1", "action, action_scale 0.2"),
    }[name]
    assert str(refused.value).splitlines()[-1].split("  ")[1:] != [] and all(x in str(refused.value) for x in shown)


def test_other_specs_are_refused_with_both(tmp_path: Path) -> None:
    keep_origin(tmp_path, A, "record")
    with pytest.raises(OriginError, match=r"another base: give that base.*\n(.*\n)*.*stream tray"):
        keep_origin(tmp_path, OF_SPECS, "record")


def test_a_folder_of_an_earlier_version_is_used_with_a_warning_once(tmp_path: Path) -> None:
    old = {"observation": A.observation.to_json(), "action": A.action.to_json()}
    (tmp_path / NAME).write_text(json.dumps(old))
    warning = keep_origin(tmp_path, A, "record")
    assert "earlier version" in warning and "base aaaaaaaaaaaa (runs/A/base)" in warning and "\n" not in warning
    assert keep_origin(tmp_path, A, "record") == "" and read_origin_file(tmp_path / NAME) == A
    with pytest.raises(OriginError):
        keep_origin(tmp_path, OTHERS["base"], "record")


def test_a_folder_without_the_file_is_used_with_a_warning_once(tmp_path: Path) -> None:
    (tmp_path / "000000.mcap").write_bytes(b"")
    assert "earlier version" in keep_origin(tmp_path, A, "record")
    assert keep_origin(tmp_path, A, "record") == ""


def test_what_is_unknown_now_changes_nothing_that_is_known(tmp_path: Path) -> None:
    keep_origin(tmp_path, A, "record")
    assert keep_origin(tmp_path, replace(A, task="", preset="", steering=None), "record") == ""
    assert read_origin_file(tmp_path / NAME) == A


@pytest.mark.parametrize("given", ["actor", "actor/000003"])
def test_an_actor_of_another_base_is_refused_with_both(tmp_path: Path, given: str) -> None:
    (tmp_path / "actor" / "000003").mkdir(parents=True)
    check_actor_origin(tmp_path / given, A)  # of an earlier version
    assert actor_origin(tmp_path / given) is None
    keep_origin(tmp_path / "actor", A, "actor")
    check_actor_origin(tmp_path / given, A)
    with pytest.raises(OriginError, match=r"the actor in .*another base: give that base.*\n(.*\n)*.*aaaa.*bbbb"):
        check_actor_origin(tmp_path / given, OTHERS["base"])
    with pytest.raises(OriginError, match=r"the actor in .*another base: give that base.*\n(.*\n)*.*stream tray"):
        check_actor_origin(tmp_path / given, OF_SPECS)


@pytest.mark.parametrize("given", ["actor", "actor/000003"])
@pytest.mark.parametrize("specs", [True, False], ids=["specs", "no file"])
def test_an_actor_of_an_earlier_version_belongs_to_the_base_of_its_run(tmp_path: Path, given: str, specs: bool) -> None:
    (tmp_path / "actor" / "000003").mkdir(parents=True)
    (tmp_path / "config.json").write_text("{}")
    save_base(
        tmp_path / "base", BasePolicy(BaseConfig(A.observation, latent_dim=2, horizon=4, hidden=8, n_action_steps=2))
    )
    if specs:
        keep_origin(tmp_path / "actor", Origin(A.observation, A.action), "actor")
    own = read_origin(tmp_path / "base")
    check_actor_origin(tmp_path / given, own)
    with pytest.raises(OriginError, match=r"the actor in .* was made with another base"):
        check_actor_origin(tmp_path / given, OTHERS["base"])


@pytest.mark.parametrize("place", ["record", "actor", "robots/robot", "robots/robot_2"])
def test_every_part_of_a_run_is_checked(tmp_path: Path, place: str) -> None:
    check_run_origin(RunFolder(tmp_path), A)
    keep_origin(tmp_path / place, OTHERS["base"], "it")
    with pytest.raises(OriginError) as refused:
        check_run_origin(RunFolder(tmp_path), A)
    assert refused.value.run == tmp_path


def test_what_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match=r"Not a directory.*; check what is at that path"):
        keep_origin(tmp_path / "file" / "record", A, "record")
    with pytest.raises(RecordError, match=r"Not a directory.*; check what is at that path"):
        ReplayLog(tmp_path / "file" / "record")


DAMAGED = ["", "[]", "{}", '{"observation": [], "action": {}}', "[" * 100_000]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(RecordError, match="is damaged"):
        keep_origin(tmp_path, A, "record")


@pytest.mark.parametrize(
    "change",
    [{"base": 3}, {"base": {"fingerprint": 3}}, {"task": None}, {"steering": 3}, {"steering": {"steer": "up"}}],
    ids=str,
)
def test_damaged_values_are_one_clear_line(tmp_path: Path, change: dict[str, object]) -> None:
    (tmp_path / NAME).write_text(json.dumps({**A.to_json(), **change}))
    with pytest.raises(RecordError, match="is damaged"):
        keep_origin(tmp_path, A, "record")
