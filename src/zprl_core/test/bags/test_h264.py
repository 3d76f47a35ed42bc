"""Images as H.264: what comes back, and what a missing or damaged packet costs."""

import av
import numpy as np
import numpy.typing as npt
import pytest

from zprl_core.bags.h264 import BETWEEN_KEYFRAMES, H264Decoder, H264Encoder
from zprl_core.bags.h264_order import H264Order

SIZE, COUNT, CLOSE = (96, 128, 3), 70, 30.0  # (h, w, 3); images; error of those that are the right ones
RED, BLUE, GRAY = (200, 30, 40), (20, 60, 220), (128, 128, 128)


def moving() -> list[npt.NDArray[np.uint8]]:
    """A picture of random tiles that moves by 4 pixels from image to image."""
    tiles = np.random.default_rng(0).integers(0, 255, (12, 96, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return [np.ascontiguousarray(tiles[: SIZE[0], 4 * k : 4 * k + SIZE[1]]) for k in range(COUNT)]


IMAGES = moving()


@pytest.fixture(scope="module")
def packets() -> list[bytes]:
    encoder = H264Encoder(SIZE[1], SIZE[0])
    return [encoder.encode(image) for image in IMAGES]


def decoded(packets: list[tuple[int, bytes]]) -> dict[int, bool]:
    """For each packet that gave an image, by number, whether it is the right one."""
    decoder, found = H264Decoder(), {}
    for k, packet in packets:
        try:
            image = decoder.decode(packet)
        except ValueError:
            continue
        found[k] = bool(np.sqrt(np.mean((image.astype(float) - IMAGES[k]) ** 2)) < CLOSE)
    return found


@pytest.mark.parametrize("color", [RED, BLUE, GRAY])
@pytest.mark.parametrize("order", ["rgb24", "bgr24"])
def test_colors_come_back(color: tuple[int, ...], order: str) -> None:
    flat = np.broadcast_to(np.array(color, np.uint8), SIZE)
    sent = np.ascontiguousarray(flat if order == "rgb24" else flat[..., ::-1])
    image = H264Decoder().decode(H264Encoder(SIZE[1], SIZE[0], crf=1).encode(sent, order))
    assert image.shape == SIZE and np.abs(image.astype(int) - flat).max() <= 3


def test_each_packet_gives_its_image_at_once(packets: list[bytes]) -> None:
    assert decoded(list(enumerate(packets))) == dict.fromkeys(range(COUNT), True)
    assert sum(map(len, packets)) < 0.1 * sum(image.nbytes for image in IMAGES)


def test_a_player_learns_the_colors_and_finds_keyframes(packets: list[bytes]) -> None:
    """In FFmpeg's words: BT.709 in limited range."""
    context = av.CodecContext.create("h264", "r")
    frames = [frame for packet in packets for frame in context.decode(av.Packet(packet))]
    assert {(f.colorspace, f.color_range, f.color_primaries, f.color_trc) for f in frames} == {(1, 1, 1, 1)}
    assert [k for k, f in enumerate(frames) if f.key_frame] == list(range(0, len(frames), BETWEEN_KEYFRAMES))


def test_a_missing_packet_costs_all_until_the_next_keyframe(packets: list[bytes]) -> None:
    """FFmpeg itself goes on with smeared images."""
    with_gap = [(k, packet) for k, packet in enumerate(packets) if k not in (4, 5)]
    right = [*range(4), *range(BETWEEN_KEYFRAMES, COUNT)]
    assert decoded(with_gap) == dict.fromkeys(right, True)
    context, apart = av.CodecContext.create("h264", "r"), []
    for k, packet in with_gap[:10]:
        apart += [
            np.abs(f.to_ndarray(format="rgb24").astype(int) - IMAGES[k]).mean()
            for f in context.decode(av.Packet(packet))
        ]
    assert max(apart[:4]) < 20 < 50 < max(apart[4:])


def test_a_video_that_begins_in_the_middle_is_seen_from_its_first_keyframe(packets: list[bytes]) -> None:
    found = decoded(list(enumerate(packets))[3:])
    assert found == dict.fromkeys(range(BETWEEN_KEYFRAMES, COUNT), True)


@pytest.mark.parametrize("damage", ["half", "flipped", "other bytes", "nothing"])
def test_a_damaged_packet_costs_all_until_the_next_keyframe(packets: list[bytes], damage: str) -> None:
    packet = packets[4]
    flipped = bytearray(packet)
    flipped[len(packet) // 2] ^= 0x55
    flipped[len(packet) // 2 + 9] ^= 0x55
    bad = {"half": packet[: len(packet) // 2], "flipped": bytes(flipped), "other bytes": b"video" * 20, "nothing": b""}
    found = decoded([(k, bad[damage] if k == 4 else packet) for k, packet in enumerate(packets)])
    assert found == dict.fromkeys([*range(4), *range(BETWEEN_KEYFRAMES, COUNT)], True)


def encoded_by_others(**options: str) -> list[bytes]:
    """The packets of x264 with its own defaults but for `options`, in the order in which they are decoded."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.framerate = SIZE[1], SIZE[0], "yuv420p", 30
    context.options = options
    packets = []
    for k, image in enumerate(IMAGES):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts = k
        packets += context.encode(frame)
    return [bytes(packet) for packet in (*packets, *context.encode(None))]


def test_frames_that_depend_on_later_ones_are_refused() -> None:
    """Their images would come with the stamps of others."""
    decoder, said = H264Decoder(), set()
    for packet in encoded_by_others(bf="2"):
        try:
            decoder.decode(packet)
        except ValueError as error:
            said.add(str(error))
    assert any("record without B-frames" in words for words in said)


def test_an_odd_size_is_refused() -> None:
    with pytest.raises(ValueError, match="an even width and height, got 127 x 96"):
        H264Encoder(127, 96)


@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
def test_videos_of_other_recorders_are_followed(profile: str) -> None:
    """Parameters differ between profiles, and numbers start again before the keyframe here."""
    order = H264Order()
    packets = encoded_by_others(profile=profile, tune="zerolatency", g="60")
    assert len(packets) == COUNT and all(map(order.accepts, packets))
    assert not H264Order().accepts(packets[1]) and order.accepts(packets[60]) and not order.accepts(packets[62])


def test_a_packet_twice_and_a_lost_keyframe_are_noticed(packets: list[bytes]) -> None:
    """After the keyframe numbers start again, and may go on as if nothing were missing."""
    twice = [*list(enumerate(packets))[:5], (4, packets[4]), *list(enumerate(packets))[5:]]
    found = decoded(twice)
    assert found == {**dict.fromkeys(range(5), True), **dict.fromkeys(range(BETWEEN_KEYFRAMES, COUNT), True)}
    order, lost = H264Order(), encoded_by_others(tune="zerolatency", preset="superfast", g="50")
    assert all(map(order.accepts, lost[:50])) and not any(map(order.accepts, lost[51:]))


def test_frames_that_no_other_refers_to_are_not_counted() -> None:
    """A stream of two temporal layers: of references r and others o, with the numbers of H.264."""

    def packet(number: int, is_reference: bool, is_keyframe: bool = False) -> bytes:
        bits = f"1{'1'}1{number:04b}1".ljust(16, "0")  # first_mb_in_slice, slice_type, pic_parameter_set_id: each 0
        head = (0x60 if is_reference else 0) | (5 if is_keyframe else 1)
        return b"\0\0\0\1" + bytes([head]) + int(bits, 2).to_bytes(2, "big")

    order = H264Order()
    order._bits = 4  # as a parameter set gives it
    assert [
        order.accepts(packet(*each)) for each in ((0, True, True), (1, False), (1, True), (2, False), (2, True))
    ] == [True] * 5
    assert not order.accepts(packet(4, True))  # 3 is missing
