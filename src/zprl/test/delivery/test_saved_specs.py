"""A record says what its transitions were seen and done with."""

from dataclasses import replace
from pathlib import Path

import pytest

from zprl.delivery.replay_log import ReplayLog
from zprl.delivery.saved_specs import NAME, check_actor_specs, keep_specs
from zprl.models.config import BaseConfig
from zprl_core.errors import RecordError
from zprl_core.observation_spec import arm_observation

BASE = BaseConfig(arm_observation(("cube",)))


def test_a_run_that_goes_on_with_its_base_is_the_same_run(tmp_path: Path) -> None:
    keep_specs(tmp_path / "record", BASE, "record")
    keep_specs(tmp_path / "record", BASE, "record")
    keep_specs(tmp_path / "record", replace(BASE, hidden=8), "record")  # its weights are checked elsewhere


def test_a_base_that_sees_something_else_is_refused_with_both(tmp_path: Path) -> None:
    keep_specs(tmp_path, BASE, "record")
    with pytest.raises(RecordError, match=r"another base: give that base.*\n(.*\n)*.*stream tray"):
        keep_specs(tmp_path, replace(BASE, observation=arm_observation(("cube", "tray"))), "record")


@pytest.mark.parametrize("given", ["actor", "actor/000003"])
def test_a_base_with_an_actor_of_another_is_refused_with_both(tmp_path: Path, given: str) -> None:
    (tmp_path / "actor" / "000003").mkdir(parents=True)
    check_actor_specs(tmp_path / given, BASE)  # of an earlier version
    keep_specs(tmp_path / "actor", BASE, "actor")
    check_actor_specs(tmp_path / given, BASE)
    with pytest.raises(RecordError, match=r"the actor in .*another base: give that base.*\n(.*\n)*.*stream tray"):
        check_actor_specs(tmp_path / given, replace(BASE, observation=arm_observation(("cube", "tray"))))


def test_what_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match=r"Not a directory.*; check what is at that path"):
        keep_specs(tmp_path / "file" / "record", BASE, "record")
    with pytest.raises(RecordError, match=r"Not a directory.*; check what is at that path"):
        ReplayLog(tmp_path / "file" / "record")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"observation": [], "action": {}}', "[" * 100_000])
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(RecordError, match="is damaged"):
        keep_specs(tmp_path, BASE, "record")
