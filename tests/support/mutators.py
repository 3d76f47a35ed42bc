"""Inputs that are not what they should be: bytes, JSON, checkpoint folders and messages, drawn by hypothesis."""

import json
import struct
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import strategies as st

HUGE = (0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 8, 4097, 1 << 20, 1 << 31, 1 << 32, 1 << 63, 1 << 64, 10**30, 0.5, 1e308, -1e308,
    float("nan"), float("inf"), float("-inf"), "", "cube", "²", "\ud800", "a\0b", "../..", "x" * 5000, "9" * 4000,
    [], {}, [[]], [None], {"": {}}, ["cube"] * 3000, [0] * 3000,
)  # fmt: skip
DEEP = 20_000  # brackets in a row

seeds = st.binary(min_size=16, max_size=16)
numbers = st.one_of(
    st.sampled_from(
        [0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
    ),
    st.integers(0, 2**64 - 1),
    st.integers(0, 500),
)
doubles = st.floats(width=64)
floats = st.floats(width=32)
words = st.text(max_size=20)


def mutated(samples: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Valid bytes with something done to them."""
    return seeds.map(lambda seed: mutate(Random(seed), samples))


def mutate(rng: Random, samples: Sequence[bytes]) -> bytes:
    """One to four mutations of one of the samples."""
    data = bytearray(rng.choice(samples))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        rng.choice(MUTATIONS)(rng, data, samples)
    return bytes(data)


def mutated_json(rng: Random, value: Any) -> str:
    """The JSON of `value` with strange things in it, or its text with some characters changed."""
    if rng.random() < 0.2:
        text = json.dumps(value)
        return mutate(rng, [text.encode()]).decode("utf-8", "replace") if rng.random() < 0.9 else "[" * DEEP
    tree = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 2, 5))):
        tree = _replaced(rng, tree)
    return json.dumps(tree)


def mutated_tensors(rng: Random, samples: Sequence[bytes]) -> bytes:
    """Safetensors bytes with a bent header, bent numbers, or both."""
    if rng.random() < 0.4:
        return mutate(rng, samples)
    data = rng.choice(samples)
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    kind = rng.random()
    if kind < 0.2:
        header |= {
            f"t{k}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for k in range(rng.choice((3, 3000)))
        }
    elif kind < 0.6:
        _disguise(rng, header)
    text = json.dumps(header) if kind < 0.6 else mutated_json(rng, header)
    raw = text.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(raw)) + raw + body


def _disguise(rng: Random, header: dict[str, Any]) -> None:
    """Another type or shape for as many bytes."""
    name = rng.choice([key for key in header if key != "__metadata__"])
    entry = header[name]
    if rng.random() < 0.5:
        entry["dtype"] = rng.choice(
            ("I32", "U32", "BF16", "F16", "I64", "F64", "C64", "BOOL", "F8_E4M3", "F4", "F8_E8M0")
        )
    if rng.random() < 0.5:
        size = (entry["data_offsets"][1] - entry["data_offsets"][0]) // rng.choice((1, 2, 4, 8))
        entry["shape"] = rng.choice(([size], [1, size], [size, 1], [size, 1, 1], [], [4096, 0], [0, 1 << 40]))
    if 0 in entry["shape"]:
        entry["data_offsets"] = [0, 0]


def _replaced(rng: Random, tree: Any) -> Any:
    """`tree` with one branch bent."""
    if not isinstance(tree, dict | list) or not tree or rng.random() < 0.1:
        return deepcopy(rng.choice(STRANGE))
    key = rng.choice(list(tree)) if isinstance(tree, dict) else rng.randrange(len(tree))
    if rng.random() < 0.1:
        del tree[key]
    elif isinstance(tree, dict) and rng.random() < 0.05:
        tree[rng.choice(("", "²", "x", "__class__"))] = deepcopy(rng.choice(STRANGE))
    else:
        tree[key] = _replaced(rng, tree[key])
    return tree


def _flip(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    for _ in range(rng.choice((1, 1, 3, 20)) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _cut(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _remove(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    begin = rng.randrange(len(data) + 1)
    del data[begin : begin + rng.choice((1, 2, 4, 8, 100))]


def _insert(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.choice((1, 4, 8, 300)))


def _length(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    """A number that might be a length becomes a huge one."""
    size = rng.choice((1, 2, 4, 8))
    at = rng.randrange(len(data) + 1) // size * size
    data[at : at + size] = (rng.choice(HUGE) & ((1 << 8 * size) - 1)).to_bytes(size, "little")


def _splice(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    """The beginning of this one and the end of another."""
    other = rng.choice(samples)
    data[rng.randrange(len(data) + 1) :] = other[rng.randrange(len(other) + 1) :]


def _double(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[at : at + 1000]


def _zero(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    at, size = rng.randrange(len(data) + 1), rng.choice((4, 64, 4096))
    data[at : at + size] = bytes(len(data[at : at + size]))


def _noise(rng: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    data[4:] = rng.randbytes(rng.randrange(300))


MUTATIONS = (_flip, _flip, _flip, _length, _length, _cut, _remove, _insert, _splice, _double, _zero, _noise)
