"""The doors of bags: frames of a video."""

from pathlib import Path

import numpy as np

from fuzz_target import Enter, FuzzTarget
from mutators import mutated
from zprl_core.bags.bag_reader import BagMessage
from zprl_core.bags.compressed_video import VIDEO, CompressedVideo
from zprl_core.bags.h264 import H264Encoder
from zprl_core.ros.stream_messages import StreamMessages


def _frames() -> list[bytes]:
    """The first frames of a video of moving tiles, its keyframe most often."""
    encoder = H264Encoder(64, 48)
    tiles = np.random.default_rng(0).integers(0, 255, (6, 14, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    images = [np.ascontiguousarray(tiles[:, k : k + 64]) for k in range(4)]
    frames = [CompressedVideo(k, "front", encoder.encode(image)).serialized() for k, image in enumerate(images)]
    return [frames[0]] * 3 + frames


def _playing(folder: Path) -> Enter:
    messages = StreamMessages()

    def enter(data: bytes) -> bool:
        image = messages.read(BagMessage("/front/foxglove", data, 0, 0), VIDEO)
        if len(image.data) != image.height * image.width * 3 or image.step != image.width * 3:
            raise AssertionError(f"an image of {image.width} x {image.height} has {len(image.data)} bytes")
        return False

    return enter


BAG_TARGETS = (FuzzTarget("frame of a video", 0.04, mutated(_frames()), _playing, (ValueError,)),)
