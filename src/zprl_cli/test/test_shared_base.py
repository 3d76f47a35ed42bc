"""Several runs finetune one base."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import Steer
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.finetune import Finetune
from zprl_cli.shared_base import copy_base, options_for
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation


def save(folder: Path, seed: int = 0) -> None:
    torch.manual_seed(seed)
    save_base(folder, BasePolicy(BaseConfig(arm_observation(("peg",)), latent_dim=2, hidden=8)))


@pytest.fixture
def source(tmp_path: Path) -> RunFolder:
    """A pretrained run of another task, latency and number of demonstrations than the defaults."""
    run = RunFolder(tmp_path / "peg_insert-seed0")
    options = RunOptions(task="peg_insert", latency=Latency.REAL, demos=7)
    run.open(options.saved, options.numbers)
    save(run.base)
    return run


def test_the_options_of_the_base_come_from_its_run_and_the_others_are_free(source: RunFolder) -> None:
    given = RunOptions(steer=Steer.ACTION, preset=Preset.FAST, seed=3, in_process=True)
    expected = replace(given, task="peg_insert", latency=Latency.REAL, demos=7)
    assert options_for(given, source) == expected
    assert options_for(expected, source) == expected


def test_another_task_than_that_of_the_base_is_refused(source: RunFolder) -> None:
    with pytest.raises(ValueError, match="made with task peg_insert, not pick_to_tray; remove --task"):
        options_for(RunOptions(task="pick_to_tray"), source)


def test_the_base_is_copied_once(source: RunFolder, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "other")
    run.path.mkdir()
    copy_base(source, run)
    copied, original = load_base(run.base).state_dict(), load_base(source.base).state_dict()
    assert all(torch.equal(copied[name], original[name]) for name in original)
    copy_base(source, run)
    assert not (run.path / "base.new").exists()


def test_a_run_with_another_base_is_refused_and_keeps_it(source: RunFolder, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "other")
    save(run.base, seed=1)
    before = (run.base / "checkpoint.json").read_bytes()
    with pytest.raises(RunError, match="has another base than"):
        copy_base(source, run)
    assert (run.base / "checkpoint.json").read_bytes() == before


def test_a_run_without_a_base_yet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no base yet; run zprl pretrain"):
        copy_base(RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b"))


def test_each_steering_has_its_own_folder_by_default(source: RunFolder, tmp_path: Path) -> None:
    command = Finetune(RunOptions(steer=Steer.NOISE), runs=tmp_path, base="peg_insert-seed0")
    options, folder = command.sharing(source)
    assert folder.path == tmp_path / "peg_insert-noise-seed0" and options.task == "peg_insert"


def test_the_run_of_the_base_itself_is_refused(source: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give another --name, or remove --base"):
        Finetune(name="peg_insert-seed0", runs=tmp_path, base="peg_insert-seed0").sharing(source)


def test_resume_and_base_exclude_each_other(source: RunFolder) -> None:
    with pytest.raises(ValueError, match="--resume uses the run's own settings"):
        Finetune(base="x").resumed(source.path)
