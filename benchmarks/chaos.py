"""Kills the nodes of a finetuning run again and again, and counts lost and duplicated transitions.

Also measures how long the arm follows a dead policy, and compares the success with that of an undisturbed run.

    python benchmarks/chaos.py --base runs/lift-seed0/base --kills 50

SIGKILL comes at random moments, during the policy's journal writes and during the learner's checkpoints. On success
the last line is `0 lost, 0 duplicated`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro
from tqdm import tqdm

import support  # noqa: F401  before what it finds
from fault_injector import HOLD_S, Audit, FaultInjector, Witness, audit
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.learner_checkpoint import load_actor, load_counters
from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import Mode
from zprl.rl.steering import make_steering
from zprl.training.evaluate import evaluate
from zprl.training.finetune import make_policy, problem_size
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_msgs.msg import LearnerStatus
from zprl_sim.env import ArmEnv
from zprl_sim.env_robot import EnvRobot
from zprl_sim.tasks.catalog import task_named


@dataclass(frozen=True)
class Options:
    """Kill nodes during finetuning, then count transitions."""

    base: Path
    """A run's base/ folder"""
    task: str = "lift"
    """Task that the base was pretrained for"""
    kills: int = 50
    """Number of SIGKILLs"""
    env_steps: int = 60_000
    """Control steps of finetuning"""
    robots: int = 1
    """Simulated robots on one learner"""
    seed: int = 0
    """Seed of kills and resets"""
    undisturbed: bool = True
    """Also run without kills, to compare the success"""
    realtime: bool = False
    """Real time at 20 Hz instead of lockstep: measures how soon a moving arm holds"""
    episodes: int = 200
    """Held-out episodes of each evaluation"""
    runs: Path = Path("runs")
    """Folder that holds the run folders chaos and calm"""


@dataclass
class Bar:
    """Shows kills and steps on a progress bar."""

    total: int
    bar: "tqdm[None]"

    def show(self, injector: FaultInjector, witness: Witness) -> None:
        status = witness.learner
        if status is not None:
            self.bar.n = min(self.total, status.env_steps)
            self.bar.set_postfix_str(f"{len(injector.kills)} kills, {status.updates} updates")


def play(options: Options, name: str, kills: int) -> tuple[FaultInjector, Witness, Audit]:
    """Run the graph once with the given number of kills."""
    folder = RunFolder(options.runs / name)
    config = RunOptions(task=options.task, seed=options.seed).finetune
    base = load_base(options.base)
    settings = GraphSettings(
        name,
        folder.path,
        RunOptions(
            base=options.base,
            task=options.task,
            robots=options.robots,
            seed=options.seed,
            lockstep=not options.realtime,
        ),
        config=config,
        checkpoint_every_s=5.0 if kills else 60.0,
    )
    injector = FaultInjector(
        finetune_graph(settings), folder, problem_size(base, make_steering(base, config.steering)), options.seed
    )

    def enough(status: LearnerStatus) -> bool:
        return bool(status.env_steps >= options.env_steps)

    with tqdm(total=options.env_steps, desc=name, unit="step", file=sys.stderr) as bar:
        witness = injector.run(kills, enough, Bar(options.env_steps, bar).show)
    return injector, witness, audit(folder, injector.size, witness)


def success(options: Options, name: str) -> SuccessRate:
    """Evaluate the run's finetuned policy on held-out episodes."""
    base, config = load_base(options.base), RunOptions(task=options.task, seed=options.seed).finetune
    policy = make_policy(base, config, Mode.EVALUATE, options.seed)
    actor, _, counters = load_actor(options.runs / name / "actor")
    policy.load(actor, counters.actor_version)
    return evaluate(EnvRobot(ArmEnv(task_named(options.task))), policy, options.episodes).success


def learned(options: Options, name: str) -> str:
    """Return the cells of a run: success, control steps, updates."""
    counters = load_counters(options.runs / name / "actor")
    return f"{success(options, name)} | {counters.env_steps} | {counters.updates}"


def main() -> None:
    options = tyro.cli(Options)
    torch.set_num_threads(1)
    injector, _, found = play(options, "chaos", options.kills)
    followed = [kill.followed_s for kill in injector.kills if kill.node.endswith("policy")]
    print("| killed | when | times |\n|---|---|---|")
    for (node, moment), times in injector.table.items():
        print(f"| {node} | {moment} | {times} |")
    late = sum(s > HOLD_S for s in followed)
    print("\n| transitions | |\n|---|---|")
    for name in ("journaled", "witnessed", "stored", "waiting", "lost", "duplicated", "altered"):
        print(f"| {name} | {getattr(found, name)} |")
    for robot, count in sorted(found.robots.items()):
        print(f"| stored of {robot} | {count} |")
    longest = 1e3 * max(followed, default=0.0)
    print(f"\n{len(followed)} deaths of the policy: the arm followed its last command for at most {longest:.0f} ms,")
    print(f"{late} times for more than {1e3 * HOLD_S:.0f} ms")
    print("\n| run | held-out success | control steps | updates |\n|---|---|---|---|")
    print(f"| {len(injector.kills)} kills | {learned(options, 'chaos')} |")
    if options.undisturbed:
        play(options, "calm", 0)
        print(f"| undisturbed | {learned(options, 'calm')} |")
    print()
    print(f"{found.lost} lost, {found.duplicated + found.altered} duplicated")


if __name__ == "__main__":
    main()
