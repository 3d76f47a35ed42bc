"""A program that plays the transition streams of several robots to a learner, in the place of their policy nodes.

Each robot has a policy node's journal, relay and topics, in its own namespace. Transitions are random, in whole
episodes, at the rate of a robot, and without a pause between episodes. The result is a NumPy file: when each transition
was made, and when the robot's journal let go of it.
"""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from rclpy.context import Context
from rclpy.node import Node

from experience import lived
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.fingerprint import read_fingerprint
from zprl.delivery.journal import Journal
from zprl.delivery.outbox import Acknowledgement, Outbox
from zprl.rl.config import ProblemSize
from zprl.rl.presets import CPU
from zprl.rl.steering import make_steering
from zprl.rl.transition import Transition
from zprl.training.finetune import problem_size
from zprl_bringup.graph.graphs import SHARED
from zprl_core.ros import topics
from zprl_core.ros.managed_node import Executor
from zprl_msgs.msg import ActorWeights
from zprl_policy.ros.replay_link import ReplayLink

LIMIT_BYTES = 512_000_000  # the default of a policy node
FOUND_S = 120.0  # longest wait for the learner
EPISODE = 25  # transitions of one episode, as in docs/design/reliability.md


@dataclass(frozen=True)
class Streams:
    """Play the streams of robots FIRST to FIRST + ROBOTS - 1."""

    base: Path
    """Checkpoint folder of the base"""
    robots_folder: Path
    """Folder that receives a folder with a journal for each robot"""
    result: Path
    """File (.npz) that receives the times"""
    run: str
    """Name of the run"""
    first: int
    """Number of the first robot"""
    robots: int
    """Number of robots"""
    period_s: float
    """Time from one transition of a robot to its next one [s]"""
    count: int
    """Transitions of each robot"""
    drain_s: float = 60.0
    """Longest wait at the end until all are acknowledged [s]"""
    participants: int = 1
    """DDS participants that the robots share, as those of one host would"""


class TimedOutbox(Outbox):
    """Notes when transitions are made, and when they are known to be stored. Times are those of the steady clock."""

    def __init__(self, journal: Journal, run: str, robot: str):
        super().__init__(journal, run, robot)
        self.made_s: list[float] = []
        self.stored_s: list[float] = []
        self.found_s: float | None = None  # when the learner was heard first

    def on_acknowledgement(self, acknowledgement: Acknowledgement, now_s: float) -> None:
        if self.found_s is None:
            self.found_s = now_s
        super().on_acknowledgement(acknowledgement, now_s)
        new = self.journal.first - len(self.stored_s)
        self.stored_s += [time.monotonic()] * new


class RobotStream:
    """One robot: its node, its journal and its transitions."""

    def __init__(self, name: str, options: Streams, base: str, transitions: Sequence[Transition], context: Context):
        """`base`: its fingerprint."""
        remapped = [word for source, target in SHARED for word in ("-r", f"{source}:={target}")]
        self.node = Node(
            "policy",
            namespace=name,
            context=context,
            cli_args=["--ros-args", *remapped],
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self.newest = 0
        topics.ACTOR_WEIGHTS.subscribe(self.node, self._on_weights)
        journal = Journal(options.robots_folder / name / "journal.sqlite")
        self.outbox = TimedOutbox(journal, options.run, name)
        self.made_s = time.monotonic()
        self.link = ReplayLink(self.node, self.outbox, LIMIT_BYTES, base, lambda: self.newest)
        self._left = iter(transitions)

    def step(self) -> bool:
        """Make the next transition. False after the last one."""
        transition = next(self._left, None)
        if transition is None:
            return False
        self.outbox.made_s.append(time.monotonic())
        self.link.relay.put([transition])
        return True

    @property
    def found_s(self) -> float:
        """Time from the first announcement to the learner's first answer [s]; NaN before."""
        return float("nan") if self.outbox.found_s is None else self.outbox.found_s - self.made_s

    def times(self) -> tuple[list[float], list[float]]:
        """When each transition was made, and stored as far as is known; NaN where it is not."""
        made, stored = self.outbox.made_s, list(self.outbox.stored_s)
        return made, stored + [float("nan")] * (len(made) - len(stored))

    def _on_weights(self, message: ActorWeights) -> None:
        self.newest = max(self.newest, message.number)


def transitions_of(robot: int, count: int, size: ProblemSize) -> list[Transition]:
    """The stream of a robot, the same at every call."""
    return lived(count, size, EPISODE, seed=robot)


class Participant:
    """A DDS participant, whose nodes handle messages in a thread."""

    def __init__(self) -> None:
        self.context = Context()
        self.context.init()
        self.executor = Executor(context=self.context)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._spin, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread, then the participant."""
        self._ending.set()
        self._thread.join()
        self.executor.shutdown()
        self.context.try_shutdown()

    def _spin(self) -> None:
        while not self._ending.is_set():
            self.executor.spin_once(timeout_sec=0.1)  # `spin` uses a whole core (findings/rclpy_events_spin.sh)


def play(streams: Sequence[RobotStream], period_s: float) -> None:
    """Let every robot make its transitions, one after the other within a period."""
    begin_s = time.monotonic()
    due = [(begin_s + period_s * i / len(streams), i) for i in range(len(streams))]
    while due:
        at_s, i = due[0]
        time.sleep(max(0.0, at_s - time.monotonic()))
        if streams[i].step():
            heapq.heapreplace(due, (at_s + period_s, i))
        else:
            heapq.heappop(due)


def wait(condition: Callable[[], bool], timeout_s: float) -> None:
    """Wait for a condition, or for the given time."""
    end_s = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.05)


def main(options: Streams) -> None:
    """Play, wait until everything is acknowledged, and write the times."""
    base = load_base(options.base)
    size, fingerprint = problem_size(base, make_steering(base, CPU.steering)), read_fingerprint(options.base)
    participants = [Participant() for _ in range(options.participants)]
    streams = []
    for i, robot in enumerate(range(options.first, options.first + options.robots)):
        made, participant = transitions_of(robot, options.count, size), participants[i % len(participants)]
        streams.append(RobotStream(f"robot_{robot}", options, fingerprint, made, participant.context))
        participant.executor.add_node(streams[-1].node)
    for participant in participants:
        participant.start()
    wait(lambda: all(stream.outbox.found_s is not None for stream in streams), FOUND_S)
    begin_s = time.process_time()
    play(streams, options.period_s)
    cpu_s = time.process_time() - begin_s
    wait(lambda: all(stream.link.relay.backlog == 0 for stream in streams), options.drain_s)
    for stream in streams:
        stream.link.relay.close()
    times, found_s = [stream.times() for stream in streams], [stream.found_s for stream in streams]
    np.savez(options.result, times=times, found_s=found_s, cpu_s=cpu_s)
    for participant in participants:
        participant.close()


if __name__ == "__main__":
    main(tyro.cli(Streams))
