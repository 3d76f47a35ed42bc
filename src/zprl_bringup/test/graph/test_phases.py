"""What a phase depended on cannot change; the rest can."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.unet_config import Head
from zprl.rl.config import FlowNoise, Steer
from zprl_bringup.graph.phases import FIRST_USE, Phase, begun, can_change, first_use
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options

OPTIONS = RunOptions()
LEFT = {Phase.DEMOS: "demos/demos.json", Phase.PRETRAIN: "base/checkpoint.json", Phase.FINETUNE: "record/0.mcap"}
OF_DEMOS: tuple[dict[str, Any], ...] = ({"seed": 1}, {"demos": 5}, {"task": "peg_insert"})
OF_FINETUNE: tuple[dict[str, Any], ...] = (
    {"preset": Preset.FAST},
    {"steer": Steer.NOISE},
    {"noise": FlowNoise.ZERO},
    {"noise": FlowNoise.FIXED, "noise_seed": 3},
    {"in_process": True, "env_steps": 25000},
    {"robots": 2},
)


def run_after(folder: Path, last: Phase | None) -> RunFolder:
    """A run of OPTIONS in which the phases up to `last` have left their files."""
    run = RunFolder(folder)
    run.open(OPTIONS.saved, OPTIONS.numbers)
    for phase, name in LEFT.items():
        if last is not None and phase <= last:
            (folder / name).parent.mkdir()
            (folder / name).touch()
    return run


def reopen(run: RunFolder, options: RunOptions, longer: bool = False) -> None:
    run.open(options.saved, options.numbers, partial(can_change, folder=run, longer=longer))


@pytest.mark.parametrize("last", [None, *LEFT])
@pytest.mark.parametrize("change", OF_DEMOS)
def test_demonstrations_lock_task_seed_and_their_number(
    tmp_path: Path, change: dict[str, Any], last: Phase | None
) -> None:
    run, options = run_after(tmp_path, last), replace(OPTIONS, **change)
    if last is None:
        reopen(run, options)
        assert load_options(run) == options
        return
    with pytest.raises(RunError, match="made with other settings"):
        reopen(run, options)
    assert load_options(run) == OPTIONS


@pytest.mark.parametrize("last", [None, *LEFT])
def test_the_networks_of_the_base_are_free_until_it_is_pretrained(tmp_path: Path, last: Phase | None) -> None:
    run, options = run_after(tmp_path, last), replace(OPTIONS, head=Head.UNET)
    if last in (None, Phase.DEMOS):
        reopen(run, options)
        assert load_options(run) == options
        return
    with pytest.raises(RunError, match=r"settings.head +mlp +unet"):
        reopen(run, options)


@pytest.mark.parametrize("last", [None, *LEFT])
@pytest.mark.parametrize("change", OF_FINETUNE)
def test_only_finetuning_locks_its_own_settings(tmp_path: Path, change: dict[str, Any], last: Phase | None) -> None:
    run, options = run_after(tmp_path, last), replace(OPTIONS, **change)
    if last != Phase.FINETUNE:
        reopen(run, options)
        assert load_options(run) == options
        return
    with pytest.raises(RunError, match="made with other settings"):
        reopen(run, options)
    assert load_options(run) == OPTIONS


def test_the_number_of_held_out_episodes_can_always_change(tmp_path: Path) -> None:
    run, options = run_after(tmp_path, Phase.FINETUNE), replace(OPTIONS, eval_episodes=10)
    reopen(run, options)
    assert load_options(run).eval_episodes == 10


def test_control_steps_can_change_unless_the_learner_has_more(tmp_path: Path) -> None:
    run, options = run_after(tmp_path, Phase.FINETUNE), replace(OPTIONS, env_steps=200_000)
    with pytest.raises(RunError, match="env_steps"):
        reopen(run, options, longer=False)
    reopen(run, options, longer=True)
    assert load_options(run).env_steps == 200_000


def test_a_locked_setting_keeps_the_others_as_they_were(tmp_path: Path) -> None:
    run = run_after(tmp_path, Phase.PRETRAIN)
    with pytest.raises(RunError, match=r"settings.seed +0 +1") as refused:
        reopen(run, replace(OPTIONS, seed=1, steer=Steer.NOISE))
    assert "steer" not in str(refused.value) and load_options(run) == OPTIONS


def test_every_setting_has_a_phase() -> None:
    names = {*(f"settings.{name}" for name in OPTIONS.saved), *(f"numbers.{name}" for name in OPTIONS.numbers)}
    missing = {n for n in names if not any(n == key or n.startswith(f"{key}.") for key in FIRST_USE)}
    assert not missing
    assert first_use("numbers.task.mismatch.gain") == Phase.FINETUNE
    assert first_use("numbers.task.things") == Phase.DEMOS
    assert first_use("numbers.recipe.pretrain.steps") == Phase.PRETRAIN
    assert first_use("settings.of_a_later_version") == Phase.DEMOS


def test_an_empty_folder_of_a_phase_is_no_beginning(tmp_path: Path) -> None:
    for name in ("actor", "record", "robots", "base", "demos"):
        (tmp_path / name).mkdir()
    assert begun(RunFolder(tmp_path)) is None
