"""One frame of a video as a message: foxglove_msgs/msg/CompressedVideo, which Foxglove and Rerun play.

It is also that of the plugin `foxglove` of image_transport. Its package is not on PyPI, so definition, type hash and
serialization (CDR) are here; Foxglove's page on the message describes the fields.
"""

import struct
from dataclasses import dataclass

from zprl_core.bags.message_definition import BAR, definition

VIDEO = "foxglove_msgs/msg/CompressedVideo"
TYPE_HASH = "RIHS01_32039eafc3770e589c86c4dabff9c392ce9955ebffd43f5f60763011d43d8d1d"
TIME = "builtin_interfaces/msg/Time"
FIELDS = "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\nstring format\n"
LITTLE, BIG = b"\x00\x01\x00\x00", b"\x00\x00\x00\x00"  # the first bytes of a message, by its order of bytes


def video_definition() -> str:
    """Returns the message's definition as a bag stores it. Raises ValueError without ROS."""
    return f"{FIELDS}{BAR}\nMSG: {TIME.replace('/msg', '')}\n{definition(TIME)}"


@dataclass(frozen=True)
class CompressedVideo:
    """A frame. Stamp [ns]."""

    stamp_ns: int
    frame_id: str
    data: bytes  # of one frame; Annex B for h264
    format: str = "h264"

    def serialized(self) -> bytes:
        """Returns the message. Raises ValueError for a stamp that no message can have."""
        try:
            head = struct.pack("<iI", *divmod(self.stamp_ns, 1_000_000_000)) + _text(self.frame_id)
        except struct.error as error:
            raise ValueError(f"a stamp of {self.stamp_ns} ns: {error}") from None
        body = _aligned(head) + struct.pack("<I", len(self.data)) + self.data
        return LITTLE + _aligned(body) + _text(self.format)

    @classmethod
    def read(cls, message: bytes) -> "CompressedVideo":
        """Reads a serialized message. Raises ValueError when it is none of this type."""
        order = {LITTLE[:2]: "<", BIG[:2]: ">"}.get(message[:2])
        body = memoryview(message)[4:]
        try:
            if order is None:
                raise ValueError("it begins with another encoding than CDR")
            seconds, ns = struct.unpack_from(f"{order}iI", body)
            frame_id, at = _read(body, 8, order)
            data, at = _read(body, at, order)
            form, _ = _read(body, at, order)
            return cls(seconds * 1_000_000_000 + ns, _decoded(frame_id), data, _decoded(form))
        except (struct.error, ValueError) as error:
            raise ValueError(f"a message of {len(message)} bytes is no frame of a video: {error}") from None


def _text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return struct.pack("<I", len(data)) + data


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _read(body: memoryview, at: int, order: str) -> tuple[bytes, int]:
    """Returns the bytes of a string or an array, and where the next field begins."""
    (size,) = struct.unpack_from(f"{order}I", body, at)
    start = at + 4
    if start + size > len(body):
        raise ValueError(f"it ends {start + size - len(body)} bytes too early")
    return bytes(body[start : start + size]), start + size + (-size % 4)


def _decoded(text: bytes) -> str:
    return text.removesuffix(b"\0").decode()
