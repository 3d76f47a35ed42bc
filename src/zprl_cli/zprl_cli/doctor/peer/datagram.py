"""The datagrams of the probe: the machine that asks stamps them, the one that answers adds its own two stamps."""

import struct
from dataclasses import dataclass

PORT = 7390  # UDP and TCP; below those of DDS
MARK = b"zprl"
ASKED, ANSWERED = struct.Struct("!4sIq"), struct.Struct("!4sIqqq")
LONGEST = 65_000  # bytes


@dataclass(frozen=True)
class Echo:
    """One answer. Stamps are of the two machines' wall clocks [ns]."""

    number: int
    sent_ns: int
    there_ns: int  # arrival there
    back_ns: int  # departure there
    arrived_ns: int

    @property
    def round_trip_ms(self) -> float:
        """Time on the network, both ways."""
        return 1e-6 * ((self.arrived_ns - self.sent_ns) - (self.back_ns - self.there_ns))

    @property
    def ahead_ms(self) -> float:
        """The lead of the other clock over this one, if both ways take equally long."""
        return 0.5e-6 * ((self.there_ns - self.sent_ns) + (self.back_ns - self.arrived_ns))


def question(number: int, now_ns: int, size: int) -> bytes:
    """Make a datagram of `size` bytes, at least that of an answer."""
    return ASKED.pack(MARK, number, now_ns).ljust(max(size, ANSWERED.size), b"\0")


def answer(asked: bytes, there_ns: int, now_ns: int) -> bytes | None:
    """Make the answer, which is as long as the question; None for anything else."""
    if len(asked) < ANSWERED.size:
        return None
    mark, number, sent_ns = ASKED.unpack_from(asked)
    if mark != MARK:
        return None
    return ANSWERED.pack(MARK, number, sent_ns, there_ns, now_ns).ljust(len(asked), b"\0")


def echo(answered: bytes, now_ns: int) -> Echo | None:
    """Read an answer; None for anything else."""
    if len(answered) < ANSWERED.size:
        return None
    mark, number, sent_ns, there_ns, back_ns = ANSWERED.unpack_from(answered)
    return Echo(number, sent_ns, there_ns, back_ns, now_ns) if mark == MARK else None
