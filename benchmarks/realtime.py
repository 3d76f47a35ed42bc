"""Measures lost and late control ticks in real time, while the learner trains on the same cores.

A bare loop of sleeps, without ROS, physics or torch, runs beside the graph: when it is late by tens of milliseconds,
the machine itself has stalled.

    python benchmarks/realtime.py --base runs/lift-seed0/base --seconds 300
    python benchmarks/realtime.py --base runs/images/base --seconds 300 --image-size 640 480
    python benchmarks/realtime.py --base runs/images/base --seconds 300 --image-size 128 128 --robot fci-sim --realsense

A base of images needs --image-size: two cameras of that size then send noise at 30 Hz, and the arm moves at random.
With --realsense they see the simulated scene in each control step, through librealsense and the camera node.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import rclpy
import tyro
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile

from realsense_source import with_realsense
from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.metadata import read_metadata
from zprl.models.base_policy import BasePolicy, freeze
from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU
from zprl_bringup.graph.graphs import default_env, finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner
from zprl_core.observation_spec import ObservationSpec
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
    image_size: tuple[int, int] | None = None
    """Width and height of the cameras' images, for a base that sees"""
    robot: str = "mujoco"
    """Robot of a base that sees: mujoco or fci-sim"""
    realsense: bool = False
    """Show the scene through librealsense's software device, instead of noise"""

    @property
    def images(self) -> int:
        """Images of noise that each camera sends: from before the measurement until its end."""
        return round(30.0 * (self.seconds + BEGIN_S)) if self.image_size and not self.realsense else 0


@dataclass
class Heard:
    """Status messages from the first to the last one of the measurement."""

    stalls: list[tuple[float, float]] = field(default_factory=list)  # of the bare loop: start and end, monotonic [s]
    arm: list[tuple[float, ArmStatus]] = field(default_factory=list)
    policy: list[PolicyStatus] = field(default_factory=list)
    learner: list[LearnerStatus] = field(default_factory=list)
    images: dict[str, int] = field(default_factory=dict)  # heard by the policy, by topic

    def on_diagnostics(self, message: DiagnosticArray) -> None:
        for value in (value for status in message.status for value in status.values):
            if value.key.endswith("image_raw heard"):
                self.images[value.key.split()[0]] = int(value.value)

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


def listen(domain: int, seconds: float, images: int = 0, began: Callable[[], object] = lambda: None) -> Heard:
    """Receive messages for `seconds`, after the graph has started, and wait until all `images` were heard.

    `began` is called when the measurement begins.
    """
    heard = Heard()
    rclpy.init(domain_id=domain)
    node = Node("benchmark")
    begin, waiting = time.monotonic() + BEGIN_S, True

    measured = [
        topics.ARM_STATUS.subscribe(node, lambda m: heard.arm.append((time.monotonic(), m)), QoSProfile(depth=100)),
        topics.POLICY_STATUS.subscribe(node, heard.on_policy),
        topics.LEARNER_STATUS.subscribe(node, heard.on_learner),
    ]
    topics.DIAGNOSTICS.subscribe(node, heard.on_diagnostics)
    while time.monotonic() < begin + seconds:
        rclpy.spin_once(node, timeout_sec=0.5)
        if time.monotonic() < begin:
            heard.forget()
        elif waiting:
            waiting = False
            began()
    for subscription in measured:
        node.destroy_subscription(subscription)
    while images and time.monotonic() < begin + seconds + BEGIN_S and set(heard.images.values()) != {images}:
        rclpy.spin_once(node, timeout_sec=0.5)
    node.destroy_node()
    rclpy.try_shutdown()
    return heard


def image_rows(heard: Heard, images: int) -> list[tuple[str, str]]:
    """Return what concerns the cameras, which sent `images` of noise each; nothing for a base that does not see."""
    ages = [m.observation_age_ms for m in heard.policy if np.isfinite(m.observation_age_ms)]
    if not heard.images or not ages:
        return []
    inference = [m.inference_ms for m in heard.policy if np.isfinite(m.inference_ms)]
    counts = ", ".join(f"{images - n} of {images}" for n in heard.images.values())
    return [
        (
            "stamp of the oldest sample to command, p50, p99 [ms]",
            "{:.1f}, {:.1f}".format(*np.percentile(ages, (50, 99))),
        ),
        ("inference, p50, p99 [ms]", "{:.1f}, {:.1f}".format(*np.percentile(inference, (50, 99)))),
        *([("images lost", counts)] if images else []),
    ]


def table(heard: Heard, images: int = 0) -> str:
    """Return the measurement as a Markdown table. `images`: sent by each camera."""
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
        *image_rows(heard, images),
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


@contextmanager
def cameras(options: Options) -> Iterator[None]:
    """Run the cameras during the block, if the base sees."""
    if options.image_size is None or not options.images:
        yield
        return
    arguments = [*map(str, options.image_size), str(options.images)]
    program = str(Path(__file__).with_name("camera_source.py"))
    source = subprocess.Popen([sys.executable, program, *arguments], env={**os.environ, **default_env()})
    try:
        yield
    finally:
        source.terminate()
        source.wait()


def graph(options: Options) -> Graph:
    """Return the graph of finetuning; behind the arm node, without its cameras, for a base that sees."""
    robot = "sim" if options.image_size is None else options.robot
    run = RunOptions(base=options.base, robot=robot, lockstep=False, max_update_debt=0)
    whole = finetune_graph(GraphSettings("realtime", options.folder, run, config=busy_learner()))
    if options.image_size is None:
        return whole
    base = str(resized(options.base, options.folder / "base", options.image_size))
    if options.realsense:
        whole = with_realsense(whole, options.folder / "cameras", *options.image_size)
    kept = (node for node in whole.nodes if node.executable != "renderer_node")
    nodes = [
        replace(n, parameters={**n.parameters, "base": base} if "base" in n.parameters else n.parameters) for n in kept
    ]
    return replace(whole, nodes=tuple(nodes))


def resized(base: Path, folder: Path, size: tuple[int, int]) -> Path:
    """Write a copy of a base whose cameras have images of `size` (width, height)."""
    policy = load_base(base)
    seen = policy.config.observation
    streams = tuple(replace(s, shape=(size[1], size[0], 3)) if s in seen.images else s for s in seen.streams)
    copy = BasePolicy(replace(policy.config, observation=ObservationSpec(streams)))
    copy.load_state_dict(policy.state_dict())
    known = {key: x for key, x in read_metadata(base).items() if key in ("task", "pace", "control_rate")}
    freeze(copy)
    save_base(folder, copy, **known)
    return folder


def main() -> None:
    options = tyro.cli(Options)
    if options.image_size is not None and options.robot not in ("mujoco", "fci-sim"):
        raise SystemExit(f"robot {options.robot} has no renderer; take mujoco or fci-sim")
    with own_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        with Runner(graph(options), options.folder / "logs"), cameras(options):
            stalls: list[tuple[float, float]] = []
            with bare_loop(stalls):
                heard = listen(domain, options.seconds, options.images)
            print(table(replace(heard, stalls=stalls), options.images))


if __name__ == "__main__":
    main()
