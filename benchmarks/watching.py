"""Measures what watching costs the graph: view node with a viewer of everything, recorder, and console, on and off.

    python benchmarks/watching.py --base runs/lift-seed0/base --seconds 60 --repeats 3

Graphs without and with watchers follow one another, in real time and in lockstep, on the same cores. In real time the
control loop's lateness and lost ticks count, in lockstep the control steps per second. The processor time is that of
robot and policy alone, per control step: what the control loop itself pays for being watched.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro

from realtime import Heard, listen
from zprl.rl.config import Mode
from zprl_bringup.graph.graphs import default_env, evaluate_graph, finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner

CONTROL = ("sim", "mujoco", "policy")  # nodes of the control loop
TICKS = os.sysconf("SC_CLK_TCK")
VIEWER = """
import rclpy, signal
from rclpy.executors import ExternalShutdownException
from zprl_core.ros import topics
signal.signal(signal.SIGINT, signal.default_int_handler)
rclpy.init()
node = rclpy.create_node("viewer")
shown = (topics.VIEW_MARKERS, topics.PLAN, topics.BASE_PLAN, topics.TF, topics.VIEW_IMAGE.of("front"))
for topic in shown:
    topic.subscribe(node, lambda message: None)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
"""


@dataclass(frozen=True)
class Options:
    """Compare graphs with and without watchers."""

    base: Path
    """A run's base/ folder"""
    seconds: float = 60.0
    """Duration of each measurement [s]"""
    repeats: int = 3
    """Measurements of each kind"""
    folder: Path = Path("runs/watching")
    """Run folders for logs, bags and checkpoints"""
    recorder: bool = True
    """With a recorder of bags"""
    console: bool = False
    """With zprl console and three open pages in headless Chromium; they are other programs on the same cores"""


@dataclass(frozen=True)
class Measured:
    """One run of a graph."""

    steps_per_s: float
    cpu_ms_per_step: float  # of the nodes of the control loop
    lateness_p99_ms: float  # of the policy's ticks; the worst window
    lost_ticks: int

    @property
    def text(self) -> str:
        lateness = f"{self.lateness_p99_ms:.2f} | {self.lost_ticks}"
        return f"{self.steps_per_s:.1f} | {self.cpu_ms_per_step:.2f} | {lateness}"


def cpu_s(pids: dict[str, int]) -> float:
    """Return the processor time so far of the nodes of the control loop [s]."""
    fields = [
        Path(f"/proc/{pids[name]}/stat").read_text().rsplit(")", 1)[1].split() for name in CONTROL if name in pids
    ]
    return sum(int(f[11]) + int(f[12]) for f in fields) / TICKS


@contextmanager
def program(*arguments: str, domain: int) -> Iterator[None]:
    """Run a Python program beside the graph."""
    env = {**os.environ, **default_env(), "ROS_DOMAIN_ID": str(domain)}
    beside = subprocess.Popen([sys.executable, *arguments], env=env)
    try:
        yield
    finally:
        beside.terminate()
        beside.wait()


def measure(options: Options, lockstep: bool, watched: bool, number: int) -> Measured:
    """Run one graph."""
    folder = options.folder / f"{'lockstep' if lockstep else 'realtime'}-{number}-{'watched' if watched else 'alone'}"
    run = RunOptions(base=options.base, lockstep=lockstep, view=watched, cameras=("front",))
    settings = GraphSettings(
        "watching", folder, replace(run, bags=folder / "bags" if watched and options.recorder else None)
    )
    # In lockstep a learner would set the pace, as it holds robots back by what it owes.
    graph = evaluate_graph(replace(settings, mode=Mode.BASE)) if lockstep else finetune_graph(settings)
    with ExitStack() as stack:
        domain = stack.enter_context(own_domain())
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        runner = stack.enter_context(Runner(graph, folder / "logs"))
        if watched:
            stack.enter_context(program("-c", VIEWER, domain=domain))
            if options.console:
                pages = Path(__file__).with_name("console_pages.py")
                stack.enter_context(program(str(pages), domain=domain))
        began: list[float] = []
        heard = listen(domain, options.seconds, began=lambda: began.extend((cpu_s(runner.pids), time.monotonic())))
        return measured(heard, cpu_s(runner.pids) - began[0])


def measured(heard: Heard, cpu: float) -> Measured:
    first, last = heard.policy[0], heard.policy[-1]
    seconds = (last.header.stamp.sec - first.header.stamp.sec) + 1e-9 * (
        last.header.stamp.nanosec - first.header.stamp.nanosec
    )
    steps = last.env_steps - first.env_steps
    lateness = max(m.tick_lateness_p99_ms for m in heard.policy)
    return Measured(steps / seconds, 1e3 * cpu / max(1, steps), lateness, last.lost_ticks - first.lost_ticks)


def main() -> None:
    options = tyro.cli(Options)
    print("| | run | control steps/s | CPU of the control loop [ms a step] | lateness p99 [ms] | lost ticks |")
    print("|---|---|---|---|---|---|")
    for lockstep in (False, True):
        kind, ratios = "lockstep" if lockstep else "real time", []
        for number in range(options.repeats):
            alone, watched = (measure(options, lockstep, each, number) for each in (False, True))
            print(
                f"| {kind}, alone | {number} | {alone.text} |\n| {kind}, watched | {number} | {watched.text} |",
                flush=True,
            )
            ratios.append((watched.steps_per_s / alone.steps_per_s, watched.cpu_ms_per_step / alone.cpu_ms_per_step))
        speed, cpu = np.median(ratios, axis=0)
        print(f"| {kind}, watched / alone, median | | {speed:.3f} | {cpu:.3f} | | |", flush=True)


if __name__ == "__main__":
    main()
