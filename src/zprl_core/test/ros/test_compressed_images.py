"""Compressed images: what comes back, how `format` says it, and what is refused."""

import array
import struct

import cv2
import numpy as np
import pytest

pytest.importorskip("zprl_msgs")

from sensor_msgs.msg import CompressedImage, Image

from zprl_core.bags.bag_images import BagImages
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros.compressed_images import compressed, decoded
from zprl_core.ros.samples import sample_from

COLOR = StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, (24, 32, 3))
GRAY = StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, (24, 32, 1))
DEPTH = StreamSpec("front", "camera/front/depth", StreamKind.IMAGE, (24, 32, 1), depth_m=(0.1, 1.5))
RED = np.array([[[200, 10, 30]]], np.uint8)  # R, G, B


def image(encoding: str, padding: int = 0, big: bool = False) -> Image:
    """24 x 32 pixels of noise, with `padding` bytes at the end of each row."""
    channels, kind = {"rgb8": (3, "u1"), "bgr8": (3, "u1"), "mono8": (1, "u1")}.get(encoding, (1, "u2"))
    pixel = np.dtype((">" if big else "<") + kind)
    numbers = np.random.default_rng(0).integers(1, 255 if kind == "u1" else 3000, (24, 32 * channels)).astype(pixel)
    rows = np.concatenate([numbers.view(np.uint8), np.full((24, padding), 7, np.uint8)], axis=1)
    message = Image(height=24, width=32, encoding=encoding, step=rows.shape[1], is_bigendian=int(big))
    message.header.stamp.sec, message.header.frame_id = 12, "front_color_optical_frame"
    message.data = array.array("B", rows.tobytes())
    return message


def file_of(pixels: np.ndarray, form: str, kind: str = ".png") -> CompressedImage:
    return CompressedImage(format=form, data=array.array("B", cv2.imencode(kind, pixels)[1].tobytes()))


@pytest.mark.parametrize(
    ("encoding", "stream", "form"),
    [
        ("rgb8", COLOR, "rgb8; png compressed bgr8"),
        ("bgr8", COLOR, "bgr8; png compressed bgr8"),
        ("mono8", GRAY, "mono8; png compressed "),
        ("16UC1", DEPTH, "16UC1; png compressed "),
    ],
)
@pytest.mark.parametrize("padding", [0, 4])
def test_a_png_is_the_sample_that_the_image_was(encoding: str, stream: StreamSpec, form: str, padding: int) -> None:
    live = image(encoding, padding)
    packed = compressed(live, BagImages.PNG, 90)
    assert packed is not None and (packed.format, packed.header) == (form, live.header)
    assert np.array_equal(sample_from(stream, packed), sample_from(stream, live))
    assert np.asarray(sample_from(stream, packed)).dtype == np.uint8


def test_depth_of_another_byte_order_comes_back() -> None:
    live = image("16UC1", big=True)
    packed = compressed(live, BagImages.PNG, 90)
    assert packed is not None and np.array_equal(sample_from(DEPTH, packed), sample_from(DEPTH, live))
    back = decoded(packed)
    assert (back.encoding, back.is_bigendian, back.step) == ("16UC1", 0, 64)


@pytest.mark.parametrize(("encoding", "stream"), [("rgb8", COLOR), ("bgr8", COLOR), ("mono8", GRAY)])
def test_a_jpeg_is_close_to_the_image(encoding: str, stream: StreamSpec) -> None:
    live, smooth = image(encoding), image(encoding)
    rows = np.frombuffer(live.data, np.uint8).reshape(24, 32, -1)
    smooth.data = array.array("B", np.ascontiguousarray(cv2.GaussianBlur(rows, (9, 9), 3)).tobytes())
    packed = compressed(smooth, BagImages.JPEG, 95)
    assert packed is not None
    assert packed.format == f"{encoding}; jpeg compressed " + ("bgr8" if stream is COLOR else "")
    apart = np.asarray(sample_from(stream, packed), float) - np.asarray(sample_from(stream, smooth), float)
    assert np.sqrt(np.mean(apart**2)) < 4.0
    worse = compressed(smooth, BagImages.JPEG, 10)
    assert worse is not None and len(worse.data) < len(packed.data)


def test_depth_is_never_a_jpeg() -> None:
    packed = compressed(image("16UC1"), BagImages.JPEG, 90)
    assert packed is not None and packed.format == "16UC1; png compressed "


def test_the_channels_of_a_file_are_in_the_order_that_its_format_says() -> None:
    """By image_transport's reading: without bgr8 at the end the array was written as RGB, and red and blue change."""
    swapped = RED[:, :, ::-1]
    for form, pixels in (
        ("rgb8; png compressed bgr8", swapped),  # an ordinary file: OpenCV writes B, G, R
        ("bgr8; png compressed bgr8", swapped),
        ("", swapped),
        ("png", swapped),
        ("rgb8; png compressed rgb8", RED),
        ("bgr8; png compressed rgb8", RED),
    ):
        back = decoded(file_of(pixels, form))
        assert (back.encoding, list(back.data)) == ("rgb8", [200, 10, 30]), form


def test_the_png_of_compressed_depth_has_a_header_before_it() -> None:
    depth = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
    message = file_of(depth, "16UC1; compressedDepth png")
    message.data = array.array("B", bytes(12) + message.data.tobytes())
    assert np.array_equal(np.frombuffer(decoded(message).data, "<u2").reshape(24, 32), depth)


@pytest.mark.parametrize("form", [BagImages.PNG, BagImages.JPEG])
def test_what_would_not_come_back_is_not_compressed(form: BagImages) -> None:
    floats = Image(height=2, width=2, encoding="32FC1", step=8, data=array.array("B", bytes(16)))
    assert compressed(floats, form, 90) is None
    assert compressed(Image(encoding="rgb8"), form, 90) is None
    assert compressed(image("rgb8"), BagImages.RAW, 90) is None
    torn = image("rgb8")
    torn.data = torn.data[:-1]
    with pytest.raises(ValueError, match="an image of 32 x 24 has 2303 bytes"):
        compressed(torn, form, 90)


def test_gray_of_16_bits_stays_gray() -> None:
    packed = compressed(image("mono16"), BagImages.PNG, 90)
    assert packed is not None and decoded(packed).encoding == "mono16"


def damaged(kind: str, how: str) -> CompressedImage:
    pixels = np.random.default_rng(1).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    message = file_of(pixels, "rgb8; x compressed bgr8", kind)
    data = message.data.tobytes()
    changed = {
        "empty": b"",
        "short": data[:10],
        "half": data[: len(data) // 2],
        "no end": data[:-12],
        "zeros": bytes(len(data)),
        "text": b"<html>",
    }
    message.data = array.array("B", changed[how])
    return message


@pytest.mark.parametrize("kind", [".png", ".jpg"])
@pytest.mark.parametrize("how", ["empty", "short", "half", "no end", "zeros", "text"])
def test_a_damaged_file_is_refused(kind: str, how: str) -> None:
    with pytest.raises(
        ValueError, match=r"a compressed image .*(is damaged|is neither PNG nor JPEG; it may be damaged)"
    ):
        sample_from(COLOR, damaged(kind, how))


def test_a_png_of_which_one_byte_changed_is_refused() -> None:
    packed = compressed(image("rgb8"), BagImages.PNG, 90)
    assert packed is not None
    packed.data[len(packed.data) // 2] ^= 0xFF
    with pytest.raises(ValueError, match="is damaged"):
        decoded(packed)


@pytest.mark.parametrize(
    "claim",
    [
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 100_000, 100_000) + bytes(50),
        b"\xff\xd8\xff\xc0" + struct.pack(">HBHH", 17, 8, 60_000, 60_000) + bytes(50),
    ],
)
def test_no_memory_is_taken_for_a_claim(claim: bytes) -> None:
    with pytest.raises(ValueError, match=r"has \d+ x \d+ pixels, at most 16777216 are allowed"):
        decoded(CompressedImage(format="jpeg", data=array.array("B", claim)))


@pytest.mark.parametrize(
    ("pixels", "form", "why"),
    [
        (
            np.zeros((2, 2, 4), np.uint8),
            "rgba8; png compressed bgra8",
            "4 channels of uint8; supported are rgb8, mono8",
        ),
        (np.zeros((2, 2, 3), np.uint16), "rgb16; png compressed bgr16", "3 channels of uint16"),
        (np.zeros((2, 2), np.uint16), "32FC1; compressedDepth png", "depth must be 16UC1"),
    ],
)
def test_other_files_are_refused_by_name(pixels: np.ndarray, form: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decoded(file_of(pixels, form))
