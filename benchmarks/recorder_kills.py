"""Kills the recorder at random moments while the scripted expert demonstrates, and counts what its bags lack.

    python benchmarks/recorder_kills.py --kills 20

Every finished episode should be whole, and every broken one be repaired up to its last message.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tyro
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from zprl_bringup.graph.graphs import demos_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner
from zprl_cli.bags.demos import Choice, checked
from zprl_core.bags.bag_list import BagState, bags_in
from zprl_core.bags.bag_repair import repair
from zprl_core.ros import topics
from zprl_msgs.msg import EpisodeEvent

ANY = Choice(labels=("success", "failure", "timeout"))


@dataclass(frozen=True)
class Options:
    """Kill."""

    kills: int = 20
    """Number of SIGKILLs"""
    shortest: float = 2.0
    """Shortest time between two [s]"""
    longest: float = 8.0
    """Longest time between two [s]"""
    seed: int = 0
    """Seed of the moments"""
    realtime: bool = False
    """Play in real time, behind the arm node, not in lockstep"""


class Witness:
    """Hears which episodes end. A `with` block."""

    def __init__(self, domain: int):
        self.ended: dict[int, int] = {}  # label by episode
        self._domain = domain

    def __enter__(self) -> "Witness":
        self._context = Context()
        self._context.init(domain_id=self._domain)
        self._node = Node("witness", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        topics.EPISODE_EVENT.subscribe(self._node, self._on_event)
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.shutdown()

    def listen(self, until_s: float) -> None:
        while (left := until_s - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def _on_event(self, m: EpisodeEvent) -> None:
        if m.kind != EpisodeEvent.STARTED:
            self.ended[m.episode] = m.kind


def main(options: Options) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        print(report(*play(options, folder), folder / "bags"))
    finally:
        shutil.rmtree(folder)


def play(options: Options, folder: Path) -> tuple[int, dict[int, int]]:
    """Return the number of kills, and the label of every episode that ended."""
    robot = "mujoco" if options.realtime else "sim"
    chosen = RunOptions(robot=robot, lockstep=not options.realtime, deployed=False, bags=folder / "bags")
    graph = demos_graph(GraphSettings("kills", folder, chosen))
    slow = tuple(replace(node, respawn_max=10**6) if node.name == "recorder" else node for node in graph.nodes)
    rng, kills = random.Random(options.seed), 0
    with own_domain() as domain:
        os.environ |= {**graph.env, "ROS_DOMAIN_ID": str(domain)}
        with Witness(domain) as witness, Runner(replace(graph, nodes=slow), folder / "logs") as runner:
            witness.listen(time.monotonic() + 5.0)
            while kills < options.kills:
                witness.listen(time.monotonic() + rng.uniform(options.shortest, options.longest))
                runner.poll()
                if (pid := runner.pids.get("recorder")) is not None:
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
                    print(f"\r{kills}/{options.kills} kills, {len(witness.ended)} episodes", end="", file=sys.stderr)
                end = time.monotonic() + 1.5
                while time.monotonic() < end:
                    runner.poll()
                    witness.listen(time.monotonic() + 0.1)
            witness.listen(time.monotonic() + 5.0)
    print(file=sys.stderr)
    return kills, witness.ended


def report(kills: int, ended: dict[int, int], bags: Path) -> str:
    """Count the bags by state, and judge each."""
    found = list(bags_in(bags))
    states = Counter(bag.state.value for bag in found)
    whole = {int(e.bag.custom["episode"]): e for e in checked([b for b in found if b.state == BagState.COMPLETE], ANY)}
    faulty = [f"{e.bag.path.name}: {'; '.join(e.verdict.problems)}" for e in whole.values() if _torn(e)]
    repaired = [_repaired(bag.path) for bag in found if bag.state == BagState.CUT_OFF]
    cut = {int(bag.path.name.rpartition("_")[2]) for bag in found if bag.state == BagState.CUT_OFF}
    without = sorted(set(ended) - set(whole) - cut)
    lines = [
        f"{kills} kills, {len(ended)} episodes ended; bags: {dict(states)}",
        f"complete bags with a gap or missing steps: {len(faulty)}",
        *faulty,
        f"bags that were cut off: {len(repaired)}; repaired: {sum(n > 0 for n in repaired)}, {sum(repaired)} messages",
        f"episodes without a bag: {len(without)} {without}",
    ]
    return "\n".join(lines)


def _torn(episode: Any) -> bool:
    return any("missing" in p or "gap" in p or "no control step" in p for p in episode.verdict.problems)


def _repaired(path: Path) -> int:
    try:
        return repair(path)
    except Exception as error:
        print(f"{path.name}: {error!r}")
        return 0


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
