"""Reads the messages of streams from a bag, among them the frames of videos."""

import array
from typing import Any

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image

from zprl_core.bags.bag_reader import BagMessage
from zprl_core.bags.compressed_video import VIDEO, CompressedVideo
from zprl_core.bags.h264 import H264Decoder
from zprl_core.errors import quoted
from zprl_core.observation_spec import StreamSpec
from zprl_core.ros.conversions import time_from
from zprl_core.ros.samples import TYPES


def kinds_of(stream: StreamSpec) -> tuple[str, ...]:
    """Returns the types of messages that a stream may have in a bag; the first is the one of the live topic."""
    live = TYPES[stream.kind]
    return (_name_of(live), *((_name_of(CompressedImage), VIDEO) if live is Image else ()))


class StreamMessages:
    """Gives each message to streams as its type, and a frame of a video as an Image.

    Frames depend on the ones before: the messages of a topic are read in their order, from the first one on.
    """

    def __init__(self) -> None:
        self._types = {_name_of(kind): kind for kind in (*TYPES.values(), CompressedImage)}
        self._videos: dict[str, H264Decoder] = {}

    def read(self, message: BagMessage, kind: str) -> Any:
        """Returns the message, whose type is one of `kinds_of`. Raises ValueError for a frame without its image."""
        if kind != VIDEO:
            return deserialize_message(message.data, self._types[kind])
        frame = CompressedVideo.read(message.data)
        if frame.format != "h264":
            raise ValueError(f"a video has format {quoted(frame.format)!r}, supported is h264")
        if message.topic not in self._videos:
            self._videos[message.topic] = H264Decoder()
        pixels = self._videos[message.topic].decode(frame.data)
        height, width, channels = pixels.shape
        image = Image(height=height, width=width, encoding="rgb8", step=width * channels)
        image.data = array.array("B", pixels.tobytes())
        image.header.stamp, image.header.frame_id = time_from(frame.stamp_ns), frame.frame_id
        return image


def _name_of(kind: type) -> str:
    return f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
