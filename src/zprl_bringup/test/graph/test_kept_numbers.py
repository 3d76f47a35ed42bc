"""A run of another release continues as it was, or as it is now; it is never changed silently."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.actor_steering import actor_steering
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.learner_checkpoint import load_actor
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.checkpoints.run_migrations import FORMAT
from zprl.rl.config import FlowNoise, Steer, SteeringConfig
from zprl_bringup.graph.kept_numbers import Numbers, as_it_was, settled
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options

DATA = Path(__file__).parent / "data"
OPTIONS = RunOptions(env_steps=8000, in_process=True)


def changed(folder: Path, numbers: dict[str, Any], without: tuple[str, ...] = ()) -> RunFolder:
    """A run of this release, with other numbers."""
    run = RunFolder(folder)
    run.open(OPTIONS.saved, OPTIONS.numbers)
    config = json.loads((folder / "config.json").read_text())
    config["numbers"] |= numbers
    for name in without:
        del config["numbers"][name]
    (folder / "config.json").write_text(json.dumps(config))
    return run


def continued(run: RunFolder, numbers: Numbers) -> tuple[RunOptions, str]:
    """Options with which a resumed run continues, and what is printed."""
    said: list[str] = []
    options = settled(load_options(run), run, numbers, said.append)
    run.open(options.saved, options.numbers)
    return options, "\n".join(said)


def old_run(folder: Path, number: int) -> RunFolder:
    """A copy of a run that a release of this format wrote: its config, and a base and an actor of tiny sizes."""
    return RunFolder(Path(shutil.copytree(DATA / f"run_of_format_{number}", folder / "run")))


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_a_run_of_every_format_is_resumed(tmp_path: Path, number: int) -> None:
    run = old_run(tmp_path, number)
    options, said = continued(run, Numbers.THEN)
    assert options.finetune.publish_every == 50 and options.latency.value == "ideal" and options.env is None
    assert options.noise == FlowNoise.SAMPLED and options.recipe.env_steps == options.env_steps
    assert f"{run.path} was made by an earlier version, which did what is now" in said
    assert json.loads((run.path / "config.json").read_text())["format"] == FORMAT
    again, said = continued(run, Numbers.THEN)
    assert again == options and "earlier version" not in said


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_base_and_actor_of_every_format_are_loaded(tmp_path: Path, number: int) -> None:
    run = old_run(tmp_path, number)
    base, (actor, scale, counters) = load_base(run.base), load_actor(run.actor)
    assert (base.config.latent_dim, base.config.hidden, actor.shape.residual_dim) == (2, 8, 2)
    assert scale == 2.0 and counters.actor_version == 1
    assert actor_steering(run.actor, base.config) == SteeringConfig(Steer.LATENT, latent_scale=2.0)


@pytest.mark.parametrize("number", range(1, FORMAT))
def test_a_run_of_every_format_is_played_and_not_changed(tmp_path: Path, number: int) -> None:
    run = old_run(tmp_path, number)
    before = (run.path / "config.json").read_text()
    options = as_it_was(load_options(run), run, [].append, task_may_differ=True)
    assert options.saved == load_options(run).saved
    assert (run.path / "config.json").read_text() == before


def test_without_a_difference_nothing_is_said_nor_written(tmp_path: Path) -> None:
    run = changed(tmp_path, {})
    before = (tmp_path / "config.json").read_text()
    assert continued(run, Numbers.THEN) == (OPTIONS, "")
    assert (tmp_path / "config.json").read_text() == before


def test_as_it_was_keeps_the_numbers_of_the_run(tmp_path: Path) -> None:
    run = changed(tmp_path, {"finetune.learner.utd": 1.5, "recipe.pretrain.steps": 77})
    options, said = continued(run, Numbers.THEN)
    assert options.finetune.learner.utd == 1.5 and options.recipe.pretrain.steps == 77
    assert [line.split() for line in said.splitlines()[1:4]] == [
        ["then", "now"],
        ["finetune.learner.utd", "1.5", "5.0"],
        ["recipe.pretrain.steps", "77", "4000"],
    ]
    assert "--numbers now" in said
    longer = replace(options, env_steps=9000)
    assert longer.recipe.env_steps == 9000 and longer.finetune.learner.utd == 1.5


def test_as_it_is_now_takes_those_of_this_release(tmp_path: Path) -> None:
    run = changed(tmp_path, {"finetune.learner.utd": 1.5})
    options, said = continued(run, Numbers.NOW)
    assert options == OPTIONS and "1.5" in said and "its results mix both" in said
    assert continued(run, Numbers.THEN) == (OPTIONS, "")


def test_a_number_that_came_later_has_its_default_and_is_named(tmp_path: Path) -> None:
    run = changed(tmp_path, {}, ("finetune.exploration.after_warmup",))
    options, said = continued(run, Numbers.THEN)
    assert options.finetune.exploration.after_warmup == 0.0
    assert ["finetune.exploration.after_warmup", "-", "0.0"] in [line.split() for line in said.splitlines()]
    assert continued(run, Numbers.THEN)[1] == ""


@pytest.mark.parametrize("pretrained", [True, False])
def test_specs_are_kept_with_a_base_that_was_pretrained_with_them(tmp_path: Path, pretrained: bool) -> None:
    run = old_run(tmp_path, 4)  # its streams may be 0.25 s old, those of today 0.2 s
    if not pretrained:
        shutil.rmtree(run.base)
        with pytest.raises(RunError, match=r"another in this release \(base.observation.0.max_age_s, "):
            continued(run, Numbers.THEN)
        return
    continued(run, Numbers.THEN)
    stream = json.loads((run.path / "config.json").read_text())["numbers"]["base.observation"][0]
    assert stream["max_age_s"] == 0.25


def other_task(folder: Path) -> RunFolder:
    """A run whose release had another time limit."""
    run = changed(folder, {})
    config = json.loads((folder / "config.json").read_text())
    config["numbers"]["task"]["time_limit"] = 55
    (folder / "config.json").write_text(json.dumps(config))
    return run


def test_a_task_that_changed_cannot_be_kept_and_the_remedies_are_others(tmp_path: Path) -> None:
    run = other_task(tmp_path)
    with pytest.raises(RunError, match=r"\(task.time_limit\): install the release .* --resume .* --numbers now$"):
        continued(run, Numbers.THEN)
    with pytest.raises(RunError, match="install the release"):
        as_it_was(load_options(run), run, [].append)
    assert continued(run, Numbers.NOW)[0] == OPTIONS


def test_a_task_that_changed_is_played_as_it_is_now_with_a_notice(tmp_path: Path) -> None:
    run, said = other_task(tmp_path), list[str]()
    as_it_was(load_options(run), run, said.append, task_may_differ=True)
    assert said[-1] == "the task is as it is in this release (task.time_limit)"


def test_a_number_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    run = changed(tmp_path, {"finetune.learner.utd": "much"})
    with pytest.raises(RunError, match=r"finetune.learner.utd is 'much'.*--numbers now"):
        continued(run, Numbers.THEN)


def test_a_run_of_a_later_version_is_refused(tmp_path: Path) -> None:
    run = changed(tmp_path, {})
    config = {**json.loads((tmp_path / "config.json").read_text()), "format": FORMAT + 1}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=f"config.json has format {FORMAT + 1}, this version reads 1 to {FORMAT}"):
        load_options(run)
