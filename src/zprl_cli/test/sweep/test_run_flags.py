"""The command line of each run makes the options that were planned."""

from pathlib import Path
from typing import Any

import pytest
import tyro

from zprl.models.unet_config import Head
from zprl.rl.config import FlowNoise, Steer
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.finetune import Finetune
from zprl_cli.main import FLAGS
from zprl_cli.pretrain import Pretrain
from zprl_cli.sweep.plan import Method, PlannedRun, make_plan
from zprl_cli.sweep.run_flags import finetune_command, pretrain_command
from zprl_core.config.command_line import described_fields
from zprl_core.latency import Latency
from zprl_core.obs import Obs

USUAL = RunOptions()
CHOSEN = RunOptions(
    latency=Latency.REAL, obs=Obs.IMAGES, head=Head.UNET, demos=7, env_steps=900, eval_episodes=3, euler_steps=2,
    noise=FlowNoise.FIXED, noise_seed=5, lossless_video=True,
)  # fmt: skip


def parsed(command: type, words: tuple[str, ...]) -> Any:
    return tyro.cli(command, args=list(words[1:]), config=FLAGS, registry=described_fields())


def planned(options: RunOptions, method: Method) -> PlannedRun:
    (run,) = make_plan(options, ("peg_insert",), (method,), (4,), Path("/runs")).runs
    return run


@pytest.mark.parametrize("options", [USUAL, CHOSEN])
@pytest.mark.parametrize("method", [Method(), Method(Steer.NOISE, Preset.FAST)])
def test_the_command_of_a_run_has_its_options_folder_and_base(options: RunOptions, method: Method) -> None:
    run = planned(options, method)
    command = parsed(Finetune, finetune_command(run))
    assert command.options == run.options and command.folder() == run.folder
    assert command.base == (None if run.owns_base else "/runs/peg_insert-seed4")


@pytest.mark.parametrize("options", [USUAL, CHOSEN])
def test_the_command_of_a_base_has_what_the_base_depends_on(options: RunOptions) -> None:
    run = planned(options, Method(Steer.ACTION))
    command = parsed(Pretrain, pretrain_command(run.base))
    assert command.folder() == run.base.folder and command.demos == options.demos
    for name in ("task", "seed", "latency", "obs", "head", "euler_steps", "lossless_video"):
        assert getattr(command.options, name) == getattr(run.options, name), name


def test_only_what_differs_from_the_defaults_is_written() -> None:
    where = ("--name", "peg_insert-seed4", "--runs", "/runs")
    chosen = ("--task", "peg_insert", "--seed", "4", "--until", "0.0", "--in-process")
    assert finetune_command(planned(USUAL, Method())) == ("finetune", *chosen, *where)
