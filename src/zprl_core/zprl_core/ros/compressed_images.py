"""Compresses images to PNG and JPEG in the form of image_transport, and decodes them. OpenCV is loaded for the first.

`format` is "rgb8; png compressed bgr8": the encoding of the source, the codec, and for color the order that OpenCV's
array had when it was written, which is bgr8 in an ordinary file.
"""

import array
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CompressedImage, Image

from zprl_core.bags.bag_images import MOST_PIXELS, BagImages
from zprl_core.errors import quoted
from zprl_core.ros.conversions import rows_from

LAYOUTS = {"rgb8": (3, "u1"), "bgr8": (3, "u1"), "mono8": (1, "u1"), "mono16": (1, "u2"), "16UC1": (1, "u2")}
SOURCES = {(3, "u1"): "rgb8", (1, "u1"): "mono8", (1, "u2"): "16UC1"}  # encoding of a decoded file
DEPTH = "compressedDepth"  # the codec's name in `format` by compressed_depth_image_transport
DEPTH_HEADER = 12  # bytes before the PNG there: numbers for images of floats
PNG_LEVEL = 1  # higher levels take up to twice as long for 2 %; runs (RLE) are faster and smaller than the default
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG that are followed by its size

Pixels = npt.NDArray[Any]


def compressed(image: Image, form: BagImages, quality: int) -> CompressedImage | None:
    """Returns the image as PNG or, if it has 8 bits, as JPEG of a quality from 1 to 100; header as in the image.

    None for an encoding that would not come back, such as 32FC1, and for form raw. Raises ValueError when size and data
    of the image disagree.
    """
    import cv2

    if form == BagImages.RAW or image.encoding not in LAYOUTS or not image.width * image.height:
        return None
    channels, kind = LAYOUTS[image.encoding]
    pixel = np.dtype((">" if image.is_bigendian else "<") + kind)
    rows = np.ascontiguousarray(rows_from(image, channels * pixel.itemsize)).view(pixel)
    pixels = rows.astype(pixel.newbyteorder("="), copy=False).reshape(image.height, image.width, channels)
    if image.encoding == "rgb8":
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    as_jpeg = form == BagImages.JPEG and pixel.itemsize == 1
    png = [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if as_jpeg else png
    done, data = cv2.imencode(".jpg" if as_jpeg else ".png", pixels, options)
    if not done:
        raise ValueError(f"OpenCV cannot encode an image of {image.width} x {image.height}, {image.encoding}")
    order = "bgr8" if channels == 3 else ""
    packed = f"{image.encoding}; {'jpeg' if as_jpeg else 'png'} compressed {order}"
    return CompressedImage(header=image.header, format=packed, data=array.array("B", data.tobytes()))


def decoded(message: CompressedImage) -> Image:
    """Returns the image in a PNG or JPEG, as rgb8, mono8 or 16UC1 [mm]; header as in the message.

    Raises ValueError when it is damaged, larger than 16 million pixels, or has another codec or depth of color.
    """
    import cv2

    data = memoryview(message.data)
    source, _, codec = message.format.partition(";")
    if DEPTH in codec:
        if source.strip() != "16UC1":
            raise ValueError(f"a compressed image has format {quoted(message.format)!r}; depth must be 16UC1 as png")
        data = data[DEPTH_HEADER:]
    width, height = _size(data, message.format)
    if width * height > MOST_PIXELS:
        raise ValueError(f"a compressed image has {width} x {height} pixels, at most {MOST_PIXELS} are allowed")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError(f"a compressed image of {width} x {height} ({quoted(message.format)}) is damaged")
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    encoding = SOURCES.get((pixels.shape[2], pixels.dtype.str[1:]))
    if encoding is None:
        raise ValueError(
            f"a compressed image has {pixels.shape[2]} channels of {pixels.dtype}; supported are "
            f"{', '.join(SOURCES.values())}"
        )
    if source == "mono16" and encoding == "16UC1":
        encoding = source
    if encoding == "rgb8" and not _is_red_first(source, codec):
        pixels = pixels[:, :, ::-1]
    little = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    size = dict(zip(("height", "width"), little.shape[:2], strict=True))
    step, flat = little.strides[0], array.array("B", little.tobytes())
    return Image(header=message.header, encoding=encoding, step=step, data=flat, **size)


def _is_red_first(source: str, codec: str) -> bool:
    """Returns whether OpenCV's array of the file is in the order RGB, by image_transport's reading of `format`."""
    return source.strip() in ("rgb8", "bgr8") and bool(codec) and "compressed bgr" not in codec


def _size(data: memoryview, form: str) -> tuple[int, int]:
    """Returns width and height that a file claims, before memory is taken for them. Raises ValueError."""
    try:
        if data[: len(PNG)] == PNG:
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data[: len(JPEG)] == JPEG:
            return _jpeg_size(data)
    except (struct.error, IndexError):
        raise ValueError(f"a compressed image ({quoted(form)}) of {len(data)} bytes is damaged") from None
    raise ValueError(f"a compressed image ({quoted(form)}) is neither PNG nor JPEG; it may be damaged")


def _jpeg_size(data: memoryview) -> tuple[int, int]:
    at = len(JPEG)
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker in FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    raise IndexError("a segment has no marker")
