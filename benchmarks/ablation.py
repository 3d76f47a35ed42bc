"""Finetunes the base of a run in one process with other hyperparameters, and evaluates it now and then.

    zprl pretrain --task pick_to_tray
    python benchmarks/ablation.py pick_to_tray-seed0 --env-steps 72000 --noise zero --set learner.utd=5 critics=5

`--set` changes values of `zprl.rl.config.FinetuneConfig` by the end of their name. Nothing is stored; the same command
gives the same row on the same kind of processor.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from tqdm import tqdm

from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.find_run import find_run
from zprl.delivery.reliability_test import UNTIL, ReliabilityTest
from zprl.models.base_policy import BasePolicy, freeze
from zprl.rl.config import FinetuneConfig, FlowNoise, Mode, NoiseConfig
from zprl.training.evaluate import evaluate
from zprl.training.finetune import InProcess, make_learner, make_policy
from zprl.training.rollout import Robot
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.seeds import HELD_OUT

RECENT, MOSTLY = 50, 0.9  # newest training episodes, and the share of them that is looked for


@dataclass(frozen=True)
class Options:
    """The run, its changes and its evaluations."""

    run: Annotated[str, tyro.conf.Positional]
    """run that has a base, as a path or a name"""
    runs: Path = Path("runs")
    """folder that holds the run folders"""
    env_steps: int = 16_000
    """control steps"""
    looks: int = 3
    """evaluations, evenly spaced"""
    episodes: int = 100
    """held-out episodes of each"""
    noise: FlowNoise = FlowNoise.SAMPLED
    """noise of the flow, in training and evaluation"""
    set: tuple[str, ...] = ()
    """changed hyperparameters, as name=value"""
    compiled: bool = False
    """compile the updates"""


def main(options: Options) -> None:
    """Print a row of a table."""
    torch.set_num_threads(1)
    folder = find_run(options.run, options.runs)
    chosen = load_options(folder)
    config = changed(chosen.finetune, options.set)
    base = load_base(folder.base)
    run = started(base, chosen, config, options)
    tester, test = chosen.problem.robot(), ReliabilityTest(UNTIL)
    successes: list[bool] = []
    mostly, shown, looks = "-", "-", []
    with tqdm(total=options.env_steps, desc=folder.name, unit="step") as bar:
        while run.learner.env_steps < options.env_steps:
            successes.append(run.episode().success)
            test.add(successes[-1])
            steps = run.learner.env_steps
            if mostly == "-" and len(successes) >= RECENT and sum(successes[-RECENT:]) >= MOSTLY * RECENT:
                mostly = f"{steps:,}"
            if shown == "-" and test.passed:
                shown = f"{steps:,}"
            bar.n = steps
            bar.set_postfix_str(f"{sum(successes[-RECENT:])} of the last {RECENT}")
            if steps >= options.env_steps * (len(looks) + 1) / options.looks:
                looks.append(f"{looked(run, base, config, options, tester).successes} at {steps:,}")
    changes = ", ".join((*options.set, f"noise {options.noise.value}"))
    print(f"| {folder.name} | {changes} | {', '.join(looks)} of {options.episodes} | {mostly} | {shown} |")


def changed(config: FinetuneConfig, changes: tuple[str, ...]) -> FinetuneConfig:
    """Return a config with other values. Raises ValueError for a name that is none, or several."""
    flat: dict[str, Any] = flatten(config)
    for change in changes:
        name, _, text = change.partition("=")
        found = [key for key in flat if key == name or key.endswith(f".{name}")]
        if len(found) != 1:
            raise ValueError(f"{name} is {' or '.join(found) or 'no hyperparameter'}; known are {', '.join(flat)}")
        kind = type(flat[found[0]])
        flat[found[0]] = text == "true" if kind is bool else kind(text)
    return unflatten(FinetuneConfig, flat)


def started(base: BasePolicy, chosen: RunOptions, config: FinetuneConfig, options: Options) -> InProcess:
    """Return a run that has not begun."""
    learner = make_learner(base, config, chosen.seed)
    if options.compiled and (slow := learner.compile()):
        print(slow)
    policy = make_policy(base, config, Mode.FINETUNE, chosen.seed, NoiseConfig(options.noise))
    return InProcess(chosen.problem.robot(), policy, learner, config.publish_every, chosen.seed)


def looked(run: InProcess, base: BasePolicy, config: FinetuneConfig, options: Options, tester: Robot) -> SuccessRate:
    """Evaluate the newest actor on held-out resets."""
    actor = deepcopy(run.learner.sac.actor)
    freeze(actor)
    policy = make_policy(base, config, Mode.EVALUATE, 0, NoiseConfig(options.noise))
    policy.load(actor, max(1, run.actor_version))
    return evaluate(tester, policy, options.episodes, HELD_OUT, lambda rate: None).success


if __name__ == "__main__":
    main(tyro.cli(Options, config=(tyro.conf.EnumChoicesFromValues,)))
