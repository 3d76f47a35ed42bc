"""Images of a bag in another form, read back with two readers that are independent of the writer."""

import array
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy")

from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image

from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_reader import BagFile, BagMessage, bag_file
from zprl_core.bags.bag_topic import BagQos, BagTopic
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_episodes.recording.bag_thread import Received
from zprl_episodes.recording.episode_recorder import EpisodeRecorder
from zprl_episodes.recording.settings import RecorderSettings
from zprl_episodes.ros.image_packer import COMPRESSED, IMAGE, ImagePacker

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RAW, PACKED = "/camera/front/color/image_raw", "/camera/front/color/image_raw/compressed"
VIDEOS = f"{RAW}/foxglove"
QOS = BagQos(5, reliability="best_effort")
FRONT = BagTopic(RAW, IMAGE, definition(IMAGE), type_hash(IMAGE), (QOS,))
PIXELS = np.random.default_rng(0).integers(0, 255, (10, 24, 32, 3), dtype=np.uint8)


def image(k: int) -> Image:
    data = array.array("B", PIXELS[k].tobytes())
    message = Image(height=24, width=32, encoding="rgb8", step=96, data=data)
    message.header.stamp.sec, message.header.frame_id = 100 + k, "front_color_optical_frame"
    return message


def record(folder: Path, images: BagImages, messages: list[bytes]) -> BagFile:
    """Record a bag with one message each 10 ns."""
    given = RecorderSettings(folder=str(folder), images=images)
    recorder = EpisodeRecorder(given, (RAW,), print, lambda: ImagePacker(images, 90).pack)
    recorder.add_topic(FRONT, latched=False)
    recorder.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, 0), 0, NOON, 0.0)
    for k, data in enumerate(messages):
        recorder.receive(Received(RAW, data, 1000 + 10 * k, 900 + 10 * k))
    recorder.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 0, 0), 2000, NOON, 1.0)
    recorder.close()
    (bag,) = folder.iterdir()
    return bag_file(bag)


@pytest.fixture(params=[BagImages.PNG, BagImages.JPEG])
def form(request: pytest.FixtureRequest) -> Iterator[BagImages]:
    yield request.param


def test_times_header_and_quality_of_service_stay_those_of_the_image(tmp_path: Path, form: BagImages) -> None:
    file = record(tmp_path / "bags", form, [serialize_message(image(k)) for k in range(10)])
    topics = file.topics()
    assert set(topics) == {PACKED} and topics[PACKED].type == COMPRESSED and topics[PACKED].qos == (QOS,)
    assert topics[PACKED].type_hash == type_hash(COMPRESSED) != ""
    assert file.metadata()["images"] == form.value
    found = list(file.messages())
    assert [(m.received_ns, m.published_ns) for m in found] == [(1000 + 10 * k, 900 + 10 * k) for k in range(10)]
    read = [deserialize_message(m.data, CompressedImage) for m in found]
    assert [m.header for m in read] == [image(k).header for k in range(10)]
    assert {m.format for m in read} == {f"rgb8; {form.value} compressed bgr8"}


def test_other_readers_read_them(tmp_path: Path, form: BagImages) -> None:
    """rosbags, and mcap-ros2-support by the definition in the file; OpenCV decodes what they return."""
    highlevel = pytest.importorskip("rosbags.highlevel")
    decoder = pytest.importorskip("mcap_ros2.decoder")
    from mcap.reader import make_reader

    file = record(tmp_path / "bags", form, [serialize_message(image(k)) for k in range(10)])
    with highlevel.AnyReader([file.path.parent]) as reader:
        (link,) = reader.connections
        assert (link.topic, link.msgtype, link.digest) == (PACKED, COMPRESSED, type_hash(COMPRESSED))
        theirs = [reader.deserialize(data, c.msgtype) for c, _, data in reader.messages()]
        read = [(m.header.stamp.sec, m.header.frame_id, m.format, bytes(m.data)) for m in theirs]
    with file.path.open("rb") as opened:
        decoded = make_reader(opened, decoder_factories=[decoder.DecoderFactory()]).iter_decoded_messages()
        others = [m for _, _, _, m in decoded]
    assert read == [(m.header.stamp.sec, m.header.frame_id, m.format, bytes(m.data)) for m in others]
    assert [sec for sec, *_ in read] == list(range(100, 110))
    for k, (*_, data) in enumerate(read):
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
        assert pixels.shape == (24, 32, 3) and (form == BagImages.JPEG or np.array_equal(pixels, PIXELS[k]))


def test_what_cannot_be_compressed_stays_as_it_was_published(tmp_path: Path) -> None:
    torn, floats = image(1), Image(height=1, width=2, encoding="32FC1", step=8, data=array.array("B", bytes(8)))
    torn.data = torn.data[:-1]
    sent = [serialize_message(image(0)), serialize_message(torn), serialize_message(floats), b"\0\1\0\0no image"]
    file = record(tmp_path / "bags", BagImages.PNG, sent)
    found: list[BagMessage] = list(file.messages())
    assert [m.topic for m in found] == [PACKED, RAW, RAW, RAW]
    assert [m.data for m in found[1:]] == sent[1:]
    assert file.metadata()["dropped"] == "0"


def test_other_messages_are_not_touched() -> None:
    state = BagTopic("/state", "a/msg/State", "int32 x\n")
    assert ImagePacker(BagImages.PNG, 90).pack(state, b"1234") == (state, b"1234")


def test_slow_compression_drops_what_does_not_fit_into_the_queue_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages count with the size that they were published with."""
    going = threading.Event()
    packer = ImagePacker(BagImages.PNG, 90)
    pack = packer.pack

    def slow(topic: BagTopic, data: bytes) -> tuple[BagTopic, bytes]:
        going.wait(60.0)
        return pack(topic, data)

    said: list[str] = []
    given = RecorderSettings(folder=str(tmp_path / "bags"), images=BagImages.PNG, queue_mb=1.0)
    recorder = EpisodeRecorder(given, (RAW,), said.append, lambda: slow)
    recorder.add_topic(FRONT, latched=False)
    recorder.on_event(EpisodeEvent(EpisodeEventKind.STARTED, 0, 0), 0, NOON, 0.0)
    large = Image(height=300, width=1000, encoding="mono8", step=1000, data=array.array("B", bytes(300_000)))
    for k in range(10):
        recorder.receive(Received(RAW, serialize_message(large), 1000 + k, 900 + k))
    dropped = recorder.dropped
    going.set()
    recorder.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 0, 0), 2000, NOON, 1.0)
    recorder.close()
    assert dropped in (6, 7)  # three fit, and one may be under way
    assert said == [f"episode_20260501T120000Z_000000 misses {dropped} messages, as the compression of images, or the "
                    "disk, was too slow"]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "name"), [(BagImages.PNG, PACKED), (BagImages.H264, PACKED), (BagImages.H264, VIDEOS)]
)
def test_two_topics_of_one_name_are_refused(tmp_path: Path, form: BagImages, name: str) -> None:
    both = (RAW, name)
    with pytest.raises(ValueError, match=f"remove {name} from the topics, or choose images raw"):
        EpisodeRecorder(RecorderSettings(folder=str(tmp_path), images=form), both, print)
    EpisodeRecorder(RecorderSettings(folder=str(tmp_path)), both, print).close()
