"""Bags that keep color images as video: each begins anew, and FFmpeg, rosbags and our reader see the same images."""

import array
import sys
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

pytest.importorskip("rclpy")

from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_reader import BagFile, BagMessage, bag_file
from zprl_core.bags.bag_topic import BagQos, BagTopic
from zprl_core.bags.compressed_video import TYPE_HASH, VIDEO, CompressedVideo
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.ros.stream_messages import StreamMessages
from zprl_episodes.recording.bag_thread import Received
from zprl_episodes.recording.episode_recorder import EpisodeRecorder
from zprl_episodes.recording.settings import RecorderSettings
from zprl_episodes.ros.image_packer import COMPRESSED, IMAGE, ImagePacker

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FRONT = "/camera/front/color/image_raw"
VIDEOS = f"{FRONT}/foxglove"
QOS = BagQos(5, reliability="best_effort")
TOPIC = BagTopic(FRONT, IMAGE, definition(IMAGE), type_hash(IMAGE), (QOS,))
COLORS = np.random.default_rng(0).integers(0, 255, (80, 3), dtype=np.uint8)


def image(k: int, width: int = 32, encoding: str = "rgb8") -> Image:
    """An image of one color, that of number `k`, with rows padded by 5 bytes."""
    rows = np.broadcast_to(COLORS[k][:: 1 if encoding == "rgb8" else -1], (24, width, 3)).reshape(24, -1)
    padded = np.pad(rows, ((0, 0), (0, 5)))
    message = Image(height=24, width=width, encoding=encoding, step=padded.shape[1])
    message.data = array.array("B", padded.tobytes())
    message.header.stamp.sec, message.header.stamp.nanosec, message.header.frame_id = 100 + k, 5, "front_optical"
    return message


def record(folder: Path, episodes: list[list[Image]]) -> list[BagFile]:
    """Record a bag of each list, one message each 10 ns."""
    given = RecorderSettings(folder=str(folder), images=BagImages.H264)
    recorder = EpisodeRecorder(given, (FRONT,), print, lambda: ImagePacker(BagImages.H264, 90).pack)
    recorder.add_topic(TOPIC, latched=False)
    at_ns = 0
    for number, messages in enumerate(episodes):
        at_ns += 10**10
        recorder.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, number), at_ns, NOON, 0.0)
        for k, message in enumerate(messages):
            recorder.receive(Received(FRONT, serialize_message(message), at_ns + 10 * k, at_ns + 10 * k - 5))
        recorder.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 0, number), at_ns + 2000, NOON, 1.0)
        recorder.step(2.0)
        recorder.step(3.0)
    recorder.close()
    return [bag_file(bag) for bag in sorted(folder.iterdir())]


def colors_of(file: BagFile) -> list[tuple[int, tuple[int, ...]]]:
    """Stamp [s] and color of each frame."""
    messages = StreamMessages()
    found = [messages.read(message, VIDEO) for message in file.messages({VIDEOS})]
    assert {(m.height, m.encoding, m.header.frame_id, m.header.stamp.nanosec) for m in found} == {
        (24, "rgb8", "front_optical", 5)
    }
    return [(m.header.stamp.sec, tuple(m.data[:3])) for m in found]


def near(color: tuple[int, ...], k: int) -> bool:
    return bool(np.abs(np.subtract(color, COLORS[k].astype(int))).max() <= 8)


def test_each_bag_begins_with_a_keyframe_and_has_every_image(tmp_path: Path) -> None:
    files = record(tmp_path / "bags", [[image(k) for k in range(40)], [image(k) for k in range(40, 80)]])
    assert len(files) == 2
    for file, first in zip(files, (0, 40), strict=True):
        topics = file.topics()
        assert set(topics) == {VIDEOS} and topics[VIDEOS].type == VIDEO
        assert topics[VIDEOS].qos == (QOS,) and topics[VIDEOS].type_hash == TYPE_HASH
        assert file.metadata()["images"] == "h264" and file.metadata()["dropped"] == "0"
        found = colors_of(file)
        assert [sec for sec, _ in found] == list(range(100 + first, 140 + first))
        assert all(near(color, first + k) for k, (_, color) in enumerate(found))


def test_other_programs_play_it(tmp_path: Path) -> None:
    """rosbags reads the messages by the definition in the file, and FFmpeg the video that their data are."""
    highlevel = pytest.importorskip("rosbags.highlevel")
    (file,) = record(tmp_path / "bags", [[image(k) for k in range(40)]])
    with highlevel.AnyReader([file.path.parent]) as reader:
        (link,) = reader.connections
        assert (link.topic, link.msgtype, link.digest) == (VIDEOS, VIDEO, TYPE_HASH)
        messages = [reader.deserialize(data, c.msgtype) for c, _, data in reader.messages()]
    stream = tmp_path / "front.h264"
    stream.write_bytes(b"".join(bytes(message.data) for message in messages))
    with av.open(str(stream)) as video:
        frames = [tuple(frame.to_ndarray(format="rgb24")[12, 16]) for frame in video.decode(video=0)]
    assert len(frames) == 40 and all(near(color, k) for k, color in enumerate(frames))


def test_what_is_no_video_is_kept_in_another_form(tmp_path: Path) -> None:
    depth = Image(height=2, width=2, encoding="16UC1", step=4, data=array.array("B", bytes(range(8))))
    floats = Image(height=1, width=2, encoding="32FC1", step=8, data=array.array("B", bytes(8)))
    gray = Image(height=2, width=2, encoding="mono8", step=2, data=array.array("B", bytes(4)))
    torn = image(0)
    torn.data = torn.data[:-1]
    (file,) = record(tmp_path / "bags", [[image(0), depth, floats, gray, torn, image(1, width=33), image(1)]])
    found = [(m.topic, file.topics()[m.topic].type) for m in file.messages()]
    png, raw = (f"{FRONT}/compressed", COMPRESSED), (FRONT, IMAGE)
    assert found == [(VIDEOS, VIDEO), png, raw, png, raw, png, (VIDEOS, VIDEO)]


def test_another_size_and_order_of_colors_begin_no_gap(tmp_path: Path) -> None:
    sent = [image(0), image(1), image(2, width=64), image(3, width=64, encoding="bgr8"), image(4, encoding="bgr8")]
    (file,) = record(tmp_path / "bags", [sent])
    found = colors_of(file)
    assert [sec for sec, _ in found] == list(range(100, 105)) and all(
        near(color, k) for k, (_, color) in enumerate(found)
    )


def test_a_video_of_another_format_is_named() -> None:
    frame = CompressedVideo(0, "front", b"", "h265")
    with pytest.raises(ValueError, match="a video has format 'h265', supported is h264"):
        StreamMessages().read(BagMessage(VIDEOS, frame.serialized(), 0, 0), VIDEO)


def test_what_the_encoder_or_the_message_refuses_stays_as_it_was_published(tmp_path: Path) -> None:
    wide = Image(height=2, width=16386, encoding="rgb8", step=3 * 16386, data=array.array("B", bytes(6 * 16386)))
    late = image(0)
    late.header.stamp.sec, late.header.stamp.nanosec = 2**31 - 1, 2**32 - 1
    (file,) = record(tmp_path / "bags", [[wide, late, image(1)]])
    assert [m.topic for m in file.messages()] == [FRONT, FRONT, VIDEOS] and file.metadata()["dropped"] == "0"


def test_video_without_pyav_is_refused_before_an_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ValueError, match="needs PyAV, which is not installed; pip install av"):
        ImagePacker(BagImages.H264, 90)
    frame = CompressedVideo(0, "front", b"").serialized()
    with pytest.raises(ValueError, match="needs PyAV"):
        StreamMessages().read(BagMessage(VIDEOS, frame, 0, 0), VIDEO)
