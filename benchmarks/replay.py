"""Measures size and speed of storing a million transitions, and compares with replays that hold images.

Transitions are synthetic, with real sizes, in episodes whose neighbors share a state; updates are only counted. The
record is written to a temporary folder, which is removed. Sizes are bytes per transition: of the message on the topic,
in a journal that no learner empties, in the record, and in the replay in memory. The insert rate is that of
DurableLearner.offer: decoded, validated, written durably, added. A restart is a DurableLearner on that record, which
restores replay, sequence tracker and episode statistics. Encoding is what a policy does before it writes to the
journal, decoding what a learner does to restore a part of its record. Rates are per second of the process's CPU time.

The images are those of two cameras, 128 x 128 x 3, as in LeRobot's guide to HIL-SERL and in HIL-SERL's Franka
environment; the figures are derived from their code, and count images only. LeRobot's ReplayBuffer
(huggingface/lerobot, src/lerobot/rl/buffer.py) holds observation and next observation as float32: 786 kB. Its learner
sets optimize_memory, which leaves out the next one: 393 kB. HIL-SERL's MemoryEfficientReplayBuffer (rail-berkeley/
hil-serl, serl_launcher/data/memory_efficient_replay_buffer.py) holds each frame once, as uint8: 98 kB.

python benchmarks/replay.py --transitions 1000000 --embedding 64
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro

from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.journal import Journal
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.state_sharing import StateSharing
from zprl.delivery.transition_codec import Decoder, Key, encode, renumbered
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl.rl.transition import LatentState, Transition
from zprl_core.action_spec import PLANAR

RUN, SOURCE = "cube-lift-latent-seed0", Source("robot_1", 2**62 + 1)
IMAGES = 2 * 128 * 128 * 3  # values of one observation
OTHERS = {"LeRobot": 2 * 4 * IMAGES, "LeRobot, optimized": 4 * IMAGES, "HIL-SERL": IMAGES}  # bytes a transition
STEPS = 8  # T_a
DIFFERENT, EPISODE = 1000, 25  # distinct transitions, which repeat, and transitions per episode
JOURNALLED, SAMPLED, REPEATED = 10_000, 2000, 5
ROOM = 1.2  # required free space, in units of the bytes to be written


@dataclass(frozen=True)
class Options:
    """Measure size on disk and in memory, and the rates of storing, restoring and sampling transitions."""

    transitions: int = 100_000
    """Number of transitions"""
    embedding: tuple[int, ...] = (32, 128, 512, 1024)
    """Sizes E of the embedding, measured one after the other"""
    latent: int = 16
    """Z, which is also the size of u"""
    capacity: int = 0
    """Capacity of the replay; 0: all transitions"""
    offered: int = 100
    """Transitions offered at once"""
    batch: int = 256
    """Transitions sampled at once"""
    folder: Path = Path(tempfile.gettempdir())
    """Folder in which the temporary folder is created"""


@dataclass(frozen=True)
class Row:
    """Results for one embedding size."""

    embedding: int
    wire: float  # bytes a transition
    journal: float
    disk: float
    memory: float
    encode: float  # transitions per CPU second
    decode: float
    insert: float
    resume: float
    sample: float

    def __str__(self) -> str:
        ratios = (size / self.memory for size in OTHERS.values())
        return "| " + " | ".join(f"{cell:.0f}" for cell in (*vars(self).values(), *ratios)) + " |"


HEAD = (
    "E", "wire [B]", "journal [B]", "disk [B]", "memory [B]",
    "encode [1/s]", "decode [1/s]", "insert [1/s]", "resume [1/s]", "sample [1/s]", *OTHERS,
)  # fmt: skip


def main(options: Options) -> None:
    """Print the table."""
    if min(options.transitions, options.offered, options.batch, *options.embedding, options.latent) < 1:
        sys.exit("every number must be at least 1")
    if trouble := _too_little_room(options):
        sys.exit(trouble)
    capacity = options.capacity or options.transitions
    print(f"{options.transitions} transitions, Z = {options.latent}, replay of {capacity}, {options.offered} at once\n")
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|", flush=True)
    for embedding in options.embedding:
        with tempfile.TemporaryDirectory(prefix="zprl-replay-", dir=options.folder) as folder:
            print(measure(options, embedding, capacity, Path(folder)), flush=True)
    images = ", ".join(f"{name} {size} B" for name, size in OTHERS.items())
    print(f"\nThe last columns: number of these transitions that take the memory of one with images ({images}).")


def measure(options: Options, embedding: int, capacity: int, folder: Path) -> Row:
    """Measure one row of the table; writes into `folder`."""
    size = ProblemSize(embedding, options.latent, options.latent, 0.2, STEPS * PLANAR.size)
    pool = [encode(Key(RUN, *SOURCE, 0), t) for t in transitions(size)]
    wire = sum(map(len, pool)) / len(pool)
    encode_rate, decode_rate = _codec(size)
    journal = _journal(folder / "journal.sqlite", pool)
    insert = _insert(options, _open(folder, size, capacity), pool)
    disk = sum(path.stat().st_size for path in (folder / "record").glob("*.mcap")) / options.transitions
    began = time.process_time()
    durable = _open(folder, size, capacity)
    resume = options.transitions / (time.process_time() - began)
    durable.close()
    replay = durable.learner.replay
    assert replay.added == durable.sequences.next(SOURCE) == options.transitions
    memory = replay.nbytes / len(replay)
    rng = np.random.default_rng(0)
    began = time.process_time()
    for _ in range(SAMPLED):
        replay.sample(options.batch, rng)
    sample = SAMPLED * options.batch / (time.process_time() - began)
    return Row(embedding, wire, journal, disk, memory, encode_rate, decode_rate, insert, resume, sample)


def transitions(size: ProblemSize) -> Iterator[Transition]:
    """Make distinct transitions of whole episodes, each of which starts where the one before it ended."""
    rng = np.random.default_rng(0)

    def situation() -> LatentState:
        sizes = (size.embedding_dim, size.latent_dim, size.latent_dim, size.residual_dim)
        return LatentState(*(rng.standard_normal(n, np.float32) for n in sizes))

    ends = situation()
    for k in range(DIFFERENT):
        begins, ends = ends if k % EPISODE else situation(), situation()
        last = k % EPISODE == EPISODE - 1
        u = rng.uniform(-1, 1, size.residual_dim).astype(np.float32)
        t = Transition(begins, u, float(last), STEPS, last, False, ends, k // 10, k // EPISODE, k)
        yield replace(t, executed=rng.standard_normal(size.executed_dim, np.float32))


def _codec(size: ProblemSize) -> tuple[float, float]:
    """Measure transitions encoded and decoded per second."""
    made, decoder = list(transitions(size)), Decoder(size)
    began, writing, reading = time.process_time(), StateSharing(), StateSharing()
    stored = [writing.shortened(encode(Key(RUN, *SOURCE, k), t)) for k, t in enumerate(made * REPEATED)]
    encoded = time.process_time()
    for first in range(0, len(stored), DIFFERENT):
        decoder.block([reading.restored(data) for data in stored[first : first + DIFFERENT]])
    return len(stored) / (encoded - began), len(stored) / (time.process_time() - encoded)


def _journal(path: Path, pool: list[bytes]) -> float:
    """Measure bytes per transition in a robot's journal."""
    with closing(Journal(path)) as journal:
        for _ in range(JOURNALLED // DIFFERENT):
            journal.append([lambda k, data=data: renumbered(data, journal.number, k) for data in pool])
        return journal.size_bytes / JOURNALLED


def _insert(options: Options, durable: DurableLearner, pool: list[bytes]) -> float:
    """Measure transitions stored per second.

    One update is counted after each offer, and a checkpoint is written at the end.
    """
    spent_s = 0.0
    for first in range(0, options.transitions, options.offered):
        numbers = range(first, min(first + options.offered, options.transitions))
        messages = [renumbered(pool[k % DIFFERENT], SOURCE.journal, k) for k in numbers]
        began = time.process_time()
        durable.offer(messages)
        spent_s += time.process_time() - began
        durable.learner.sac.updates += 1
    durable.save()
    durable.close()
    return options.transitions / spent_s


def _open(folder: Path, size: ProblemSize, capacity: int) -> DurableLearner:
    config = LearnerConfig(SacConfig(hidden=64), warmup=1, capacity=capacity)
    durable = DurableLearner(RUN, Learner(size, config), folder / "record", folder / "actor", publish_every=50)
    durable.introduce(SOURCE, 0)
    return durable


def _too_little_room(options: Options) -> str:
    """Return a message when the disk is too small; "" when it is not."""
    numbers = 2 * max(options.embedding) + 8 * options.latent + 64
    needed = int(ROOM * 4 * numbers * (options.transitions + 2 * JOURNALLED))
    free = shutil.disk_usage(options.folder).free
    if needed <= free:
        return ""
    return (
        f"{options.folder} has {free / 1e9:.1f} GB free, {options.transitions} transitions need {needed / 1e9:.1f} GB; "
        "give another --folder, or fewer --transitions"
    )


if __name__ == "__main__":
    main(tyro.cli(Options))
