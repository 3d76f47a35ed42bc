"""Encodes transitions with their keys as the CDR of zprl_msgs/msg/Transition, for topic, journal and record.

rclpy is not used, because the learner must check sizes before it allocates, and the record must open without ROS. A
test compares the result with rclpy.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zprl.delivery import cdr
from zprl.delivery.cdr import Malformed
from zprl.rl.config import ProblemSize
from zprl.rl.transition import LatentState, Transition
from zprl_core.id_bounds import HIGHEST

LONGEST_NAME = 255  # bytes of the name of a run or a robot
FRAMES = 255
TYPE = "zprl_msgs/msg/Transition"

STRINGS = 12  # offset of the strings frame, run and robot
NUMBERS = {"uint8": "B", "uint32": "I", "uint64": "Q", "float32": "f", "bool": "?"}
FIELDS = (
    ("std_msgs/Header", "header"),
    ("string", "run"),
    ("string", "robot"),
    ("uint64", "journal"),
    ("uint64", "sequence"),
    ("uint32", "episode"),
    ("uint64", "weights_number"),
    ("float32[]", "e"),
    ("float32[]", "mu"),
    ("float32[]", "logvar"),
    ("float32[]", "z"),
    ("float32[]", "u"),
    ("float32", "reward"),
    ("uint8", "steps"),
    ("bool", "terminated"),
    ("bool", "truncated"),
    ("bool", "intervention"),
    ("bool", "clipped"),
    ("float32[]", "executed"),
    ("float32[]", "next_e"),
    ("float32[]", "next_mu"),
    ("float32[]", "next_logvar"),
    ("float32[]", "next_z"),
    ("float32[]", "ages"),  # the last one, absent in messages of earlier releases
)
LATENT_STATE = ("e", "mu", "logvar", "z")
NOT_RECORDED = -1.0  # an age in messages of earlier releases
NONE = bytes(4)  # an empty array
RECORDED = """\
# e, mu, logvar and z are empty where they equal next_e, next_mu, next_logvar and next_z of the message with the same
# run, robot and journal and with sequence - 1, which is before this one in the same file."""


def definition() -> str:
    """The ROS 2 definitions of the message and its parts, as the schema of the record."""
    bar = "=" * 80
    transition = "\n".join((RECORDED, *(f"{kind} {name}" for kind, name in FIELDS)))
    header = "builtin_interfaces/Time stamp\nstring frame_id"
    time = "int32 sec\nuint32 nanosec"
    return f"{transition}\n{bar}\nMSG: std_msgs/Header\n{header}\n{bar}\nMSG: builtin_interfaces/Time\n{time}\n"


class Key(NamedTuple):
    """The unique key of a transition. `journal` is the number of the journal that counts the sequence."""

    run: str
    robot: str
    journal: int
    sequence: int


@dataclass(frozen=True)
class Keyed:
    """A transition and its key."""

    key: Key
    transition: Transition


@dataclass(frozen=True)
class Block:
    """N transitions and their keys, in columns."""

    keys: list[Key]
    columns: dict[str, npt.NDArray[Any]]  # each field after the strings: (N,), or (N, its size)

    def take(self, index: Sequence[int]) -> "Block":
        """Select transitions by index."""
        chosen = np.asarray(index, dtype=np.intp)
        return Block([self.keys[i] for i in index], {name: x[chosen] for name, x in self.columns.items()})


def encode(key: Key, t: Transition) -> bytes:
    """Encode a transition as a message."""
    values = {
        "run": key.run, "robot": key.robot, "journal": key.journal, "sequence": key.sequence,
        "episode": t.episode, "weights_number": t.actor_version, "u": t.u, "reward": float(t.reward), "steps": t.steps,
        "terminated": t.terminated, "truncated": t.truncated, "intervention": t.intervention, "clipped": t.clipped,
        "executed": t.executed, "ages": t.ages,
        **vars(t.state), **{f"next_{name}": x for name, x in vars(t.next_state).items()},
    }  # fmt: skip
    out = cdr.Writer()
    out.number("i", t.stamp_ns // 1_000_000_000)
    out.number("I", t.stamp_ns % 1_000_000_000)
    out.string("")
    for kind, name in FIELDS[1:]:
        if kind == "string":
            out.string(values[name])
        elif kind == "float32[]":
            out.floats(values[name])
        else:
            out.number(NUMBERS[kind], values[name])
    return out.bytes()


def renumbered(data: bytes, journal: int, sequence: int) -> bytes:
    """Copy a message with another journal and sequence."""
    reader = cdr.Reader(data)
    reader.number("i"), reader.number("I")  # stamp
    for longest in (FRAMES, LONGEST_NAME, LONGEST_NAME):
        reader.string(longest)
    reader.number("Q"), reader.number("Q")
    end = reader.offset
    return data[: end - 16] + struct.pack("<QQ", journal, sequence) + data[end:]


def decode(data: bytes, size: ProblemSize) -> Keyed:
    """Decode a message. Raises ValueError if sizes or values are not those of this run."""
    return Decoder(size).decode(data)


class Decoder:
    """Decodes messages with the sizes of one run."""

    def __init__(self, size: ProblemSize):
        one = {"e": size.embedding_dim, "mu": size.latent_dim, "logvar": size.latent_dim, "z": size.residual_dim}
        next_counts = {f"next_{name}": n for name, n in one.items()}
        self._counts = {
            **one,
            "u": size.residual_dim,
            "executed": size.executed_dim,
            **next_counts,
            "ages": size.streams,
        }
        self._layout = _layout(self._counts)
        self._unknown_ages = np.full(size.streams, NOT_RECORDED, "<f4")
        self._unknown = struct.pack("<I", size.streams) + self._unknown_ages.tobytes()

    def decode(self, data: bytes) -> Keyed:
        """Decode a message. Raises ValueError (or Malformed) if it is not a transition with this run's sizes."""
        reader = cdr.Reader(data)
        stamp_ns = reader.integer("i") * 1_000_000_000 + reader.integer("I")
        reader.string(FRAMES)
        v = dict(self._fields(reader))
        reader.end()
        if v["sequence"] > HIGHEST:
            raise Malformed(f"a transition has sequence {v['sequence']}; no journal reaches that")
        transition = Transition(
            state=LatentState(*(v[name] for name in LATENT_STATE)),
            u=v["u"],
            reward=v["reward"],
            steps=v["steps"],
            terminated=bool(v["terminated"]),
            truncated=bool(v["truncated"]),
            next_state=LatentState(*(v[f"next_{name}"] for name in LATENT_STATE)),
            actor_version=v["weights_number"],
            episode=v["episode"],
            stamp_ns=stamp_ns,
            intervention=bool(v["intervention"]),
            clipped=bool(v["clipped"]),
            executed=v["executed"],
            ages=v["ages"],
        )
        return Keyed(Key(v["run"], v["robot"], v["journal"], v["sequence"]), transition)

    def block(self, messages: Sequence[bytes]) -> Block:
        """Decode many messages at once, much faster. Raises ValueError if `decode` would refuse one of them."""
        starts = [behind_names(data) for data in messages]
        rows = self._rows(messages, starts)
        if rows is None:
            for data in messages:
                self.decode(data)  # raises with the reason
            raise Malformed("messages do not fit")
        names = [_names(data[STRINGS:at]) for data, at in zip(messages, starts, strict=True)]
        numbers = zip(names, rows["journal"].tolist(), rows["sequence"].tolist(), strict=True)
        columns = {name: rows[name] != 0 if kind == "bool" else rows[name] for kind, name in FIELDS[3:]}
        return Block([Key(*name, journal, sequence) for name, journal, sequence in numbers], columns)

    def _rows(self, messages: Sequence[bytes], starts: Sequence[int]) -> npt.NDArray[Any] | None:
        """The fields after the strings of each message; None if `decode` would refuse one."""
        found = [self._numbers(data, at) for data, at in zip(messages, starts, strict=True)]
        parts = [part for part in found if part is not None]
        if len(parts) < len(found):
            return None
        rows = np.frombuffer(b"".join(parts), self._layout)
        good = (
            all((rows[_count(name)] == n).all() for name, n in self._counts.items())
            and all(np.isfinite(rows[name]).all() for name in (*self._counts, "reward"))
            and (np.abs(rows["u"]) <= 1).all()
            and (rows["steps"] >= 1).all()
            and (rows["sequence"] <= HIGHEST).all()
        )
        return rows if good else None

    def _numbers(self, data: bytes, at: int) -> bytes | None:
        """The fields after the strings, which end at `at`, with the ages; None if the message has another size."""
        size, unknown = self._layout.itemsize, self._unknown
        left, before = len(data) - at, size - len(unknown)
        if data[:2] != cdr.HEADER[:2]:
            return None
        if 0 <= left - size <= 3:
            return data[at : at + size]
        absent = 0 <= left - before <= 3
        empty = 0 <= left - before - len(NONE) <= 3 and data[at + before :][: len(NONE)] == NONE
        return data[at : at + before] + unknown if absent or empty else None

    def _fields(self, reader: cdr.Reader) -> Iterator[tuple[str, Any]]:
        for kind, name in FIELDS[1:]:
            if kind == "string":
                yield name, reader.string(LONGEST_NAME)
            elif name == "ages":
                yield name, self._ages(reader)
            elif kind == "float32[]":
                yield name, reader.floats(self._counts[name], name)
            else:
                yield name, reader.number(NUMBERS[kind])

    def _ages(self, reader: cdr.Reader) -> npt.NDArray[np.float32]:
        """The ages, which are absent in messages of earlier releases, and empty where these were written again."""
        if reader.ends:
            return self._unknown_ages
        if reader.is_next(NONE):
            reader.floats(0, "ages")
            return self._unknown_ages
        return reader.floats(self._counts["ages"], "ages")


def _layout(counts: dict[str, int]) -> np.dtype[Any]:
    """The layout of the fields after the strings. The first is aligned to 8 bytes, so offsets are constant."""
    kinds: dict[str, np.dtype[Any]] = {}
    for kind, name in FIELDS[3:]:
        if kind == "float32[]":
            kinds[_count(name)] = np.dtype("<u4")
            kinds[name] = np.dtype(("<f4", (counts[name],)))
        else:
            kinds[name] = np.dtype("<" + NUMBERS[kind])
    offsets, at = [], 0
    for one in kinds.values():
        at += -at % one.base.itemsize
        offsets.append(at)
        at += one.itemsize
    return np.dtype({"names": list(kinds), "formats": list(kinds.values()), "offsets": offsets, "itemsize": at})


def _count(name: str) -> str:
    return f"{name} count"


def behind_names(data: bytes) -> int:
    """Position of `journal`, after the strings. Reads only their lengths; the result may be beyond the end."""
    at = cdr.behind_strings(data, STRINGS, 3)
    return at + (len(cdr.HEADER) - at) % 8


@lru_cache(maxsize=1024)
def _names(strings: bytes) -> tuple[str, str]:
    """Run and robot in the bytes of the strings, which most messages share."""
    reader = cdr.Reader(cdr.HEADER + bytes(STRINGS - len(cdr.HEADER)) + strings)
    reader.number("i"), reader.number("I")  # stamp
    reader.string(FRAMES)
    return reader.string(LONGEST_NAME), reader.string(LONGEST_NAME)


__all__ = [
    "Block", "Decoder", "Key", "Keyed", "Malformed", "behind_names", "decode", "definition", "encode", "renumbered",
]  # fmt: skip
