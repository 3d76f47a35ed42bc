"""Measures lost and late control ticks in real time, while the learner trains on the same cores.

A bare loop of sleeps, without ROS, physics or torch, runs beside the graph: when it is late by tens of milliseconds,
the machine itself has stalled.

python benchmarks/realtime.py --base runs/lift-seed0/base --seconds 300
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import rclpy
import tyro
from rclpy.node import Node
from rclpy.qos import QoSProfile

from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner
from zprl_core.ros import topics
from zprl_msgs.msg import ArmStatus, LearnerStatus, PolicyStatus

PERIOD_S = 0.05
BEGIN_S = 20.0  # until the nodes run and the first episode has started
STALL_S = 0.02  # lateness of the bare loop that counts as a stall of the machine
NEAR_S = 0.1  # longest time between a stall and the message about the lost tick
BARE_LOOP = """
import json, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # otherwise a shell's background jobs ignore it
due, stalls = time.monotonic(), []
try:
    while True:
        due += 0.005
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        if now - due > %r:
            stalls.append((due, now))
            due = now
except KeyboardInterrupt:
    print(json.dumps(stalls))
"""


@dataclass(frozen=True)
class Options:
    """Measure the control loops of the real-time graph."""

    base: Path
    """A run's base/ folder"""
    seconds: float = 300.0
    """Duration of the measurement [s]"""
    folder: Path = Path("runs/realtime")
    """Run folder for logs and checkpoints"""


@dataclass
class Heard:
    """Status messages from the first to the last one of the measurement."""

    stalls: list[tuple[float, float]] = field(default_factory=list)  # of the bare loop: start and end, monotonic [s]
    arm: list[tuple[float, ArmStatus]] = field(default_factory=list)
    policy: list[PolicyStatus] = field(default_factory=list)
    learner: list[LearnerStatus] = field(default_factory=list)

    def on_policy(self, message: PolicyStatus) -> None:
        self.policy.append(message)

    def on_learner(self, message: LearnerStatus) -> None:
        self.learner.append(message)

    def forget(self) -> None:
        for messages in (self.arm, self.policy, self.learner):
            messages.clear()


@contextmanager
def bare_loop(stalls: list[tuple[float, float]]) -> Iterator[None]:
    """Run the bare loop during the block; `stalls` then has its stalls."""
    loop = subprocess.Popen([sys.executable, "-c", BARE_LOOP % STALL_S], stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        loop.send_signal(signal.SIGINT)
        stalls += map(tuple, json.loads(loop.communicate()[0]))


def listen(domain: int, seconds: float) -> Heard:
    """Receive messages for `seconds`, after the graph has started."""
    heard = Heard()
    rclpy.init(domain_id=domain)
    node = Node("benchmark")
    begin = time.monotonic() + BEGIN_S

    topics.ARM_STATUS.subscribe(node, lambda m: heard.arm.append((time.monotonic(), m)), QoSProfile(depth=100))
    topics.POLICY_STATUS.subscribe(node, heard.on_policy)
    topics.LEARNER_STATUS.subscribe(node, heard.on_learner)
    while time.monotonic() < begin + seconds:
        rclpy.spin_once(node, timeout_sec=0.5)
        if time.monotonic() < begin:
            heard.forget()
    node.destroy_node()
    rclpy.try_shutdown()
    return heard


def table(heard: Heard) -> str:
    """Return the measurement as a Markdown table."""
    (t_0, first), (t_1, last) = heard.arm[0], heard.arm[-1]
    lateness = np.array([m.lateness_ms for _, m in heard.arm])
    expected, done = round((t_1 - t_0) / PERIOD_S), last.ticks - first.ticks
    stalls = [(a, b) for a, b in heard.stalls if t_0 < b and a < t_1]
    longest_ms = 1e3 * max((b - a for a, b in stalls), default=0.0)
    policy = heard.policy[-1].lost_ticks - heard.policy[0].lost_ticks
    updates = heard.learner[-1].updates - heard.learner[0].updates
    rows = [
        ("measured [s]", f"{t_1 - t_0:.0f}"),
        ("arm: ticks expected, done", f"{expected}, {done}"),
        ("arm: ticks lost", f"{max(0, expected - done)}"),
        ("bare loop beside it: stalls, longest [ms]", f"{len(stalls)}, {longest_ms:.0f}"),
        ("arm: ticks lost while the bare loop ran on time", f"{lost_awake(heard, stalls)}"),
        ("arm: lateness p50, p99, max [ms]", "{:.2f}, {:.2f}, {:.2f}".format(*np.percentile(lateness, (50, 99, 100)))),
        ("policy: ticks lost", f"{policy}"),
        ("policy: lateness p99 [ms], worst window", f"{max(m.tick_lateness_p99_ms for m in heard.policy):.2f}"),
        ("policy: ticks held", f"{heard.policy[-1].held_ticks - heard.policy[0].held_ticks}"),
        ("learner: updates beside it", f"{updates}"),
    ]
    return "\n".join(["| control at 20 Hz | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def lost_awake(heard: Heard, stalls: list[tuple[float, float]]) -> int:
    """Count arm ticks lost at moments when the bare loop did not stall."""
    lost = 0
    for (_, before), (t, now) in pairwise(heard.arm):
        skipped = int(now.lateness_ms / 1e3 / PERIOD_S) if now.ticks == before.ticks + 1 else 0
        if skipped and not any(begin < t and t - end < NEAR_S for begin, end in stalls):
            lost += skipped
    return lost


def busy_learner() -> FinetuneConfig:
    """Return preset cpu with a learner that never idles: it starts at once, with more updates due than it can do."""
    return replace(CPU, learner=replace(CPU.learner, warmup=50, utd=100.0))


def main() -> None:
    options = tyro.cli(Options)
    settings = GraphSettings(
        "realtime",
        options.folder,
        RunOptions(base=options.base, lockstep=False, max_update_debt=0),
        config=busy_learner(),
    )
    with own_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        with Runner(finetune_graph(settings), options.folder / "logs"):
            stalls: list[tuple[float, float]] = []
            with bare_loop(stalls):
                heard = listen(domain, options.seconds)
            print(table(replace(heard, stalls=stalls)))


if __name__ == "__main__":
    main()
