"""The message of a frame, read and hashed by programs that are independent of the writer."""

import struct

import pytest

from zprl_core.bags.compressed_video import BIG, TYPE_HASH, VIDEO, CompressedVideo, video_definition

pytest.importorskip("builtin_interfaces", reason="ROS is not installed")

STAMP_NS = 1_700_000_000_123_456_789
FRAMES = [
    CompressedVideo(STAMP_NS, "front_color_optical_frame"[:length], bytes(range(size)), "h264")
    for length in (0, 3, 4, 25)
    for size in (0, 1, 2, 3, 100)
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f"{len(f.frame_id)}-{len(f.data)}")
def test_rosbags_and_mcap_read_it_and_it_comes_back(frame: CompressedVideo) -> None:
    typesys, ros2 = pytest.importorskip("rosbags.typesys"), pytest.importorskip("mcap_ros2._dynamic")
    store = typesys.get_typestore(typesys.Stores.EMPTY)
    store.register(typesys.get_types_from_msg(video_definition(), VIDEO))
    data = frame.serialized()
    decode = ros2.generate_dynamic(VIDEO.replace("/msg", ""), video_definition())
    for read in (store.deserialize_cdr(data, VIDEO), next(iter(decode.values()))(data)):
        found = read.timestamp.sec * 10**9 + read.timestamp.nanosec, read.frame_id, bytes(read.data), read.format
        assert found == (frame.stamp_ns, frame.frame_id, frame.data, frame.format)
    theirs = store.serialize_cdr(store.deserialize_cdr(data, VIDEO), VIDEO)
    assert CompressedVideo.read(data) == CompressedVideo.read(bytes(theirs)) == frame


def test_its_type_hash_is_that_of_its_definition() -> None:
    typesys = pytest.importorskip("rosbags.typesys")
    store = typesys.get_typestore(typesys.Stores.EMPTY)
    store.register(typesys.get_types_from_msg(video_definition(), VIDEO))
    assert store.hash_rihs01(VIDEO) == TYPE_HASH


def test_the_other_order_of_bytes_is_read() -> None:
    body = struct.pack(">iI", 7, 9) + struct.pack(">I", 2) + b"a\0" + b"\0\0" + struct.pack(">I", 1) + b"x\0\0\0"
    assert CompressedVideo.read(BIG + body + struct.pack(">I", 5) + b"h264\0") == CompressedVideo(
        7_000_000_009, "a", b"x"
    )


@pytest.mark.parametrize("size", [0, 3, 10, 20, 40])
def test_a_message_that_ends_too_early_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"a message of {size} bytes is no frame of a video"):
        CompressedVideo.read(CompressedVideo(STAMP_NS, "camera", bytes(20)).serialized()[:size])


def test_another_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="another encoding than CDR"):
        CompressedVideo.read(b"\x00\x0a\x00\x00" + bytes(40))
