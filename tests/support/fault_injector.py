"""Kill the nodes of a running graph, watch from outside what is lost, and count it afterwards."""

import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery import replay_log
from zprl.delivery.journal import Journal
from zprl.delivery.segment import Stored
from zprl.delivery.transition_codec import Decoder, Key
from zprl.rl.config import ProblemSize
from zprl_bringup.graph.spec import Grace, Graph, GraphError, NodeSpec
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner
from zprl_core.ros import topics
from zprl_msgs.msg import ArmStatus, LearnerStatus

HOLD_S = 0.2  # within which the arm must hold
QUIET_S = 1.0  # after a policy's death no other one has come up yet: RESPAWN_DELAY_S
AIM_S = 10.0  # how long to lie in wait for a write
ANY, JOURNAL, CHECKPOINT = "any moment", "journal write", "checkpoint"


@dataclass(frozen=True)
class Kill:
    """One SIGKILL."""

    node: str
    moment: str  # ANY, or in the middle of a write
    followed_s: float = 0.0  # for a policy: how long the arm still followed commands
    followed_steps: int = 0  # and in how many states it said so


@dataclass
class Audit:
    """Every key that a journal ever gave, compared with the record."""

    journaled: int = 0
    stored: int = 0
    waiting: int = 0  # in a journal, not acknowledged when the run ended
    lost: int = 0
    duplicated: int = 0
    altered: int = 0  # published with other bytes than are stored
    witnessed: int = 0  # keys that were heard on the topic
    robots: dict[str, int] = field(default_factory=dict)  # transitions of each that are stored


class Witness:
    """Hears what policies publish and what the arm does. A `with` block; listens in a thread."""

    def __init__(self, domain: int, size: ProblemSize, namespaces: tuple[str, ...] = ("",)):
        self.digests: dict[Key, bytes] = {}
        self.contradictions = 0  # one key, two transitions
        self.learner: LearnerStatus | None = None
        # when each arm said that it followed a command [ns], by its own wall clock: this process may hear it late
        self.streamed_ns = {namespace: deque[int](maxlen=100) for namespace in namespaces}
        self._newest = dict.fromkeys(namespaces, (0, 0))
        self._domain, self._decoder = domain, Decoder(size)

    def __enter__(self) -> "Witness":
        rclpy.init(domain_id=self._domain)
        self._node = Node("witness", enable_rosout=False)
        topics.REPLAY.subscribe(self._node, self._on_replay, raw=True)
        for namespace in self.streamed_ns:
            topics.ARM_STATUS.under(namespace).subscribe(self._node, partial(self._on_arm, namespace))
        topics.LEARNER_STATUS.subscribe(self._node, self._on_learner)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._thread.join(timeout=5.0)
        self._node.destroy_node()
        rclpy.try_shutdown()

    def _on_replay(self, data: bytes) -> None:
        key, digest = self._decoder.decode(data).key, hashlib.sha256(data).digest()
        self.contradictions += self.digests.setdefault(key, digest) != digest

    def _on_arm(self, namespace: str, status: ArmStatus, info: dict[str, int]) -> None:
        stamp = status.header.stamp.sec, status.header.stamp.nanosec
        if status.mode == ArmStatus.STREAM and stamp != self._newest[namespace]:  # lockstep says its last state again
            self.streamed_ns[namespace].append(info["source_timestamp"])
        self._newest[namespace] = stamp

    def _on_learner(self, status: LearnerStatus) -> None:
        self.learner = status


class Published(Protocol):
    """What was published: a digest of each transition, and how many keys had two of them."""

    @property
    def digests(self) -> dict[Key, bytes]: ...

    @property
    def contradictions(self) -> int: ...


Enough = Callable[[LearnerStatus], bool]


@dataclass
class FaultInjector:
    """Kills nodes of a graph at random moments, some of them in the middle of a write."""

    graph: Graph
    folder: RunFolder
    size: ProblemSize
    seed: int = 0
    pause_s: tuple[float, float] = (2.0, 6.0)  # between two kills
    begin_s: float = 15.0  # before the first one
    kills: list[Kill] = field(default_factory=list)
    _deck: list[tuple[NodeSpec, str]] = field(default_factory=list)  # who dies next, and when

    def run(
        self, kills: int, enough: Callable[[LearnerStatus], bool], show: Callable[["FaultInjector", Witness], None]
    ) -> Witness:
        """Start the graph, kill `kills` nodes, go on until `enough` of the learner's status, stop. Logs as ever."""
        rng = random.Random(self.seed)
        graph = Graph(tuple(replace(node, respawn_max=1000) for node in self.graph.nodes), self.graph.env)
        grace = Grace(sigint=60.0)
        with (
            own_domain() as domain,
            patch.dict(os.environ, {**self.graph.env, "ROS_DOMAIN_ID": str(domain)}),
            Witness(domain, self.size, self.namespaces) as witness,
            Runner(graph, self.folder.logs, grace) as runner,
        ):
            due = time.monotonic() + self.begin_s
            while len(self.kills) < kills or witness.learner is None or not enough(witness.learner):
                runner.wait(0.2)
                if runner.failures:
                    raise GraphError("; ".join(map(str, runner.failures)))
                if len(self.kills) < kills and time.monotonic() > due:
                    self._strike(rng, runner, witness)
                    due = time.monotonic() + rng.uniform(*self.pause_s)
                show(self, witness)
            runner.stop()
        return witness

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Of the robots."""
        return tuple(node.namespace for node in self.graph.find("policy_node"))

    def _strike(self, rng: random.Random, runner: Runner, witness: Witness) -> None:
        if not self._deck:
            some_policy = rng.choice(self.graph.find("policy_node"))
            self._deck = [(node, ANY) for node in self.graph.nodes] + [(some_policy, JOURNAL)]
            self._deck += [(node, CHECKPOINT) for node in self.graph.find("learner_node")]
            rng.shuffle(self._deck)
        node, moment = self._deck.pop()
        name = node.label
        while (pid := runner.pids.get(name)) is None:
            runner.wait(0.1)  # it was killed a moment ago
        if moment == JOURNAL:
            await_change(self.folder.robots / (node.namespace or "robot") / "journal.sqlite-wal")
        elif moment == CHECKPOINT and not await_new(self.folder.actor):
            moment = ANY
        os.kill(pid, signal.SIGKILL)
        await_death(pid)
        struck_ns, followed = time.time_ns(), list[int]()
        if node.executable == "policy_node":
            runner.wait(QUIET_S - 0.2)
            followed = [ns for ns in witness.streamed_ns[node.namespace] if ns > struck_ns]
        elif node.executable == "learner_node":
            runner.wait(0.2)  # what it had sent is heard
            witness.learner = None  # the next word is of the one that comes back
        self.kills.append(Kill(name, moment, 1e-9 * (max(followed, default=struck_ns) - struck_ns), len(followed)))

    @property
    def table(self) -> dict[tuple[str, str], int]:
        """Kills by node and moment."""
        return dict(sorted(Counter((kill.node, kill.moment) for kill in self.kills).items()))


def await_death(pid: int) -> None:
    """Until a killed process runs no more: on a busy machine it may still send a command after the call of kill."""
    with suppress(OSError):  # it is gone already
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
            time.sleep(0.0001)


def await_change(path: Path) -> bool:
    """Until a file is written to; False when it is not."""

    def stamp() -> int:
        return path.stat().st_mtime_ns if path.exists() else 0

    before, end = stamp(), time.monotonic() + AIM_S
    while stamp() == before:
        if time.monotonic() > end:
            return False
    return True


def await_new(folder: Path) -> bool:
    """Until a checkpoint is half written; False when none is."""
    end = time.monotonic() + AIM_S
    while time.monotonic() < end:
        if any(folder.glob(".*.new")):
            return True
        time.sleep(0.0002)
    return False


def audit(folder: RunFolder, size: ProblemSize, witness: Published | None = None, robots: Sequence[Path] = ()) -> Audit:
    """Compare journals, record and what was heard. Call it when the graph has stopped.

    `robots`: folders of the journals; by default that of the run.
    """
    decoder, result = Decoder(size), Audit()
    stored: dict[Key, bytes] = {}
    for entry in replay_log.read(folder.record):
        if isinstance(entry, Stored):
            key = decoder.decode(entry.data).key
            result.duplicated += key in stored
            result.stored += 1
            result.robots[key.robot] = result.robots.get(key.robot, 0) + 1
            stored[key] = hashlib.sha256(entry.data).digest()
    for path in [p for one in robots or (folder.robots,) for p in sorted(one.glob("*/journal.sqlite"))]:
        journal = Journal(path)
        kept = {decoder.decode(data).key for data in journal.read(journal.first, journal.next)}
        given = {Key(folder.name, path.parent.name, journal.number, k) for k in range(journal.next)}
        journal.close()
        result.journaled += len(given)
        result.waiting += len(kept - stored.keys())
        result.lost += len(given - stored.keys() - kept)
        result.duplicated += len({key for key in stored if key[1] == path.parent.name} - given)
    if witness is not None:
        result.witnessed = len(witness.digests)
        known = witness.digests.keys() & stored.keys()
        result.altered = witness.contradictions + sum(witness.digests[key] != stored[key] for key in known)
    return result
