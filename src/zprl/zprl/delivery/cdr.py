"""Reads and writes plain little-endian CDR (OMG DDSI-RTPS, clause 10), the wire format of ROS 2.

Network data is read within bounds: a size is checked against the available bytes before anything is allocated.
"""

import struct

import numpy as np
import numpy.typing as npt

HEADER = b"\x00\x01\x00\x00"  # plain CDR, little endian
Floats = npt.NDArray[np.float32]


class Malformed(ValueError):
    """The bytes are not a valid message."""


def behind_strings(data: bytes, at: int, count: int) -> int:
    """Position after `count` strings that start at `at`. Reads only their lengths, without checking them.

    The result may be beyond the end of the message.
    """
    for _ in range(count):
        at += -at % 4
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    return at


class Writer:
    """Writes values to bytes. Alignment counts from the end of the header."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def number(self, kind: str, value: float) -> None:
        """Write one number; `kind` is a struct character (B, i, I, f, Q, ?), aligned to its own size."""
        self._align(struct.calcsize(kind))
        self._parts += struct.pack("<" + kind, value)

    def string(self, value: str) -> None:
        """Write a string with its length and a terminating zero."""
        data = value.encode() + b"\0"
        self.number("I", len(data))
        self._parts += data

    def floats(self, values: Floats) -> None:
        """Write a sequence of float32."""
        self.number("I", len(values))
        self._parts += np.ascontiguousarray(values, dtype="<f4").tobytes()

    def bytes(self) -> bytes:
        """The bytes of the message."""
        return HEADER + bytes(self._parts)

    def _align(self, size: int) -> None:
        self._parts += b"\0" * (-len(self._parts) % size)


class Reader:
    """Reads values from bytes. Raises Malformed where they do not fit."""

    def __init__(self, data: bytes):
        if data[:2] != HEADER[:2]:
            raise Malformed(f"a message starts with {data[:4].hex() or 'nothing'}, expected plain little-endian CDR")
        self._data, self._at = memoryview(data), len(HEADER)

    @property
    def offset(self) -> int:
        """Bytes read so far, including the header."""
        return self._at

    def number(self, kind: str) -> int | float | bool:
        """Read one number; `kind` as for the writer."""
        size = struct.calcsize(kind)
        self._at += -(self._at - len(HEADER)) % size
        value: int | float | bool = struct.unpack("<" + kind, self._take(size))[0]
        return value

    def integer(self, kind: str) -> int:
        """Read one integer."""
        return int(self.number(kind))

    def string(self, longest: int) -> str:
        """Read a string of at most `longest` bytes."""
        length = self.integer("I")
        if not 1 <= length <= longest + 1:
            raise Malformed(f"a string has {length - 1} bytes, at most {longest} are allowed")
        data = bytes(self._take(length))
        if data[-1]:
            raise Malformed("a string does not end with a zero")
        try:
            return data[:-1].decode()
        except UnicodeDecodeError:
            raise Malformed("a string is not UTF-8") from None

    def floats(self, expected: int, name: str) -> Floats:
        """Read a sequence of exactly `expected` float32."""
        count = self.integer("I")
        if count != expected:
            raise Malformed(f"transition has {count} numbers in {name}, this run needs {expected}")
        return np.frombuffer(self._take(4 * count), dtype="<f4").copy()

    @property
    def ends(self) -> bool:
        """True if only padding to a multiple of four follows."""
        return len(self._data) - self._at <= 3

    def is_next(self, data: bytes) -> bool:
        """True if these bytes follow."""
        return bytes(self._data[self._at : self._at + len(data)]) == data

    def end(self) -> None:
        """Check that only padding to a multiple of four follows."""
        if not self.ends:
            raise Malformed(f"{len(self._data) - self._at} bytes too many")

    def _take(self, size: int) -> memoryview:
        if self._at + size > len(self._data):
            raise Malformed(f"a message ends after {len(self._data)} bytes, expected more")
        self._at += size
        return self._data[self._at - size : self._at]
