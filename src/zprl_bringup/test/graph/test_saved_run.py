"""A run of an earlier version goes on: what follows from its settings today is what its record says."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import FlowNoise
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options

OLD = Path(__file__).parent / "data" / "run_of_format_2" / "config.json"  # zprl finetune --env-steps 8000 --in-process
OF_EARLIER = RunOptions(env_steps=8000, in_process=True, preset=Preset.CPU, noise=FlowNoise.SAMPLED, until=0.0)


@pytest.fixture
def old_run(tmp_path: Path) -> RunFolder:
    shutil.copy(OLD, tmp_path / "config.json")
    return RunFolder(tmp_path)


def test_it_is_taken_up_again(old_run: RunFolder) -> None:
    settings = load_options(old_run)
    assert settings == OF_EARLIER
    old_run.open(settings.saved, settings.numbers)


def test_it_is_not_taken_up_with_other_settings(old_run: RunFolder) -> None:
    other = replace(load_options(old_run), seed=1)
    with pytest.raises(RunError, match="was made with other settings"):
        old_run.open(other.saved, other.numbers)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seed": "one"}, "seed is 'one'; it must be a whole number"),
        ({"steer": "nothing"}, "steer is 'nothing'"),
        ({"task": "juggle"}, "known tasks are"),
        ({"robots": 0}, "at least 1"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_used_are_refused(old_run: RunFolder, change: dict[str, object], why: str) -> None:
    config = json.loads(OLD.read_text())
    config["settings"] |= change
    (old_run.path / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=f"settings that cannot be used .*{why}"):
        load_options(old_run)


def test_a_setting_that_is_missing_is_named_and_what_no_run_keeps_is_ignored(old_run: RunFolder) -> None:
    config = json.loads(OLD.read_text())
    config["settings"] |= {"robot": "franky", "lockstep": False}
    (old_run.path / "config.json").write_text(json.dumps(config))
    assert load_options(old_run) == OF_EARLIER
    del config["settings"]["seed"]
    (old_run.path / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match="seed is missing"):
        load_options(old_run)


def test_a_damaged_base_is_a_damaged_record(old_run: RunFolder) -> None:
    config = json.loads(OLD.read_text())
    config["numbers"]["base.objects"] = 3
    (old_run.path / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=r"config.json is damaged \(names of objects may contain"):
        old_run.read("config")
