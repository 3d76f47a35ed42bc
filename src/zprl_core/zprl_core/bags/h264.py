"""Encodes and decodes images as H.264, one packet for each. PyAV is loaded for the first.

Colors are BT.709 in limited range at half of the resolution (yuv420p), which every player can show. No frame depends on
a later one, and every 30th on none.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl_core.bags.bag_images import CRF, MOST_PIXELS
from zprl_core.bags.h264_order import H264Order
from zprl_core.errors import quoted

BETWEEN_KEYFRAMES = 30
OPTIONS = {"preset": "superfast", "tune": "zerolatency", "g": str(BETWEEN_KEYFRAMES), "bf": "0"}
BT709, LIMITED = 1, 1  # numbers in ITU-T H.273 and in FFmpeg
FULL_COLOR = {"yuv420p": "yuv444p", "yuvj420p": "yuvj444p", "nv12": "yuv444p"}

Image = npt.NDArray[np.uint8]


class H264Encoder:
    """Encodes the images of one camera, of one size."""

    def __init__(self, width: int, height: int, crf: int = CRF):
        """`crf`: constant rate factor, 0 to 51. Raises ValueError for an odd width or height, or without PyAV."""
        if width % 2 or height % 2:
            raise ValueError(f"H.264 needs an even width and height, got {width} x {height}")
        av = pyav()
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate = Fraction(30)  # the rate control's only; stamps are the messages'
        context.time_base = 1 / context.framerate
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        context.options, context.thread_count = {**OPTIONS, "crf": str(crf)}, 1
        self._context, self._count = context, 0

    def encode(self, pixels: Image, order: str = "rgb24") -> bytes:
        """Returns the packet of the next image (h, w, 3); `order`: rgb24 or bgr24.

        Raises ValueError when the encoder refuses it, as it does above 16384 pixels a side.
        """
        import av

        frame = av.VideoFrame.from_ndarray(pixels, format=order)
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.pts, self._count = self._count, self._count + 1
        try:
            (packet,) = self._context.encode(frame)
        except av.error.FFmpegError as error:
            raise ValueError(f"an image cannot be encoded as video: {quoted(error.strerror)}") from None
        return bytes(packet)


class H264Decoder:
    """Decodes the packets of one camera in their order; after a damaged or missing one, from the next keyframe on."""

    def __init__(self) -> None:
        """Raises ValueError without PyAV."""
        av = pyav()
        self._context: Any = av.CodecContext.create("h264", "r")
        self._context.thread_count = 1
        self._context.flags |= av.codec.context.Flags.low_delay
        self._context.options = {"err_detect": "explode", "max_pixels": str(MOST_PIXELS)}
        self._order, self._count = H264Order(), 0

    def decode(self, data: bytes) -> Image:
        """Returns the image (h, w, 3) RGB of the next packet.

        Raises ValueError when it is damaged, has over 16 million pixels, depends on a packet that is missing, or on a
        later one.
        """
        import av

        if not self._order.accepts(data):
            raise ValueError(
                "a frame of a video depends on one that is damaged or missing; the next keyframe ends that"
            )
        packet = av.Packet(data)
        packet.pts, self._count = self._count, self._count + 1
        try:
            frames = self._context.decode(packet)
        except av.error.FFmpegError as error:
            self._order.lose()
            raise ValueError(f"a frame of a video cannot be decoded: {quoted(error.strerror)}") from None
        frame = next((frame for frame in frames if frame.pts == packet.pts), None)
        if frame is None or frame.is_corrupt:
            self._order.lose()
            raise ValueError("a frame of a video is damaged, or depends on a later one; record without B-frames")
        return rgb_of(frame)


def rgb_of(frame: Any) -> Image:
    """Returns the pixels (h, w, 3) of PyAV's frame.

    Directly to RGB, the converter makes frames with color at half of the resolution darker.
    """
    whole = FULL_COLOR.get(frame.format.name)
    image: Image = (frame.reformat(format=whole) if whole else frame).to_ndarray(format="rgb24")
    return image


def pyav() -> Any:
    """Returns PyAV. Raises ValueError with the remedy where it is missing."""
    try:
        import av
    except ImportError:
        raise ValueError("H.264 video needs PyAV, which is not installed; pip install av") from None
    return av
