"""Settings, frozen pictures, and a camera that goes and comes back. Time is a number here."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fake_camera import Scripted
from zprl_hardware.cameras.camera import CameraRefused, CameraSettings, Frame, Intrinsics, Rate, Retry, Stillness
from zprl_hardware.cameras.grabber import Grabber

SETTINGS = CameraSettings(width=64, height=48, frozen_s=1.0, lost_s=2.0, retry_s=0.5, retry_max_s=2.0)


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "front/left"}, "name is 'front/left'"),
        ({"name": ""}, "name is ''"),
        ({"serial": "1", "device": "/dev/video0"}, "serial and device are both set"),
        ({"device": "/dev/video0", "depth": True}, "depth is on, but /dev/video0 gives color only"),
        ({"width": 0}, "width is 0; it must lie within [16, 8192]"),
        ({"fps": 0}, "fps is 0"),
        ({"fourcc": "JPEGS"}, "fourcc is 'JPEGS'; it has four letters"),
        ({"jpeg_quality": 101}, "jpeg_quality is 101"),
        ({"frozen_s": 0.01}, "frozen_s is 0.01; at 30 Hz it takes at least 0.067 s"),
        ({"exposure": -1.0}, "exposure is -1;"),
        ({"late_s": -1.0}, "late_s is -1;"),
        ({"retry_s": 9.0}, "retry_max_s 5.0 is less than retry_s 9.0"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        CameraSettings(**wrong)
    assert words in str(error.value)


def test_intrinsics_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="must be finite"):
        Intrinsics(64, 48, 0.0, 80.0, 32.0, 24.0)
    with pytest.raises(ValueError, match="must be finite"):
        Intrinsics(64, 48, float("nan"), 80.0, 32.0, 24.0)


def test_a_picture_is_frozen_after_so_many_seconds_of_the_same() -> None:
    still, first, second = Stillness(1.0), np.zeros((16, 16, 3), np.uint8), np.ones((16, 16, 3), np.uint8)
    assert [still.frozen(first, t) for t in (0.0, 0.5, 0.99, 1.0)] == [False, False, False, True]
    assert not still.frozen(second, 1.1)
    assert not Stillness(0.0).frozen(first, 100.0)


def test_retries_wait_twice_as_long_each_time_up_to_the_limit() -> None:
    retry, waits, now = Retry(0.5, 2.0), [], 0.0
    for _ in range(5):
        retry.failed(now)
        wait = next(t / 100 for t in range(1000) if retry.due(now + t / 100))
        waits.append(wait)
        now += wait
    assert waits == [0.5, 1.0, 2.0, 2.0, 2.0]
    retry.lives()
    assert retry.due(now)


def test_rate_is_of_the_last_two_seconds() -> None:
    rate = Rate()
    assert rate.hz(0.0) == 0.0
    for i in range(31):
        rate.tick(i / 10)
    assert rate.hz(3.0) == pytest.approx(10.0)
    assert rate.hz(9.0) == 0.0


def test_each_frame_is_handed_out_once_and_only_the_newest() -> None:
    grabber = Grabber(Scripted("new"), SETTINGS, Clock())
    assert grabber.wait(0.0) is None
    for _ in range(3):
        grabber.turn()
    frame = grabber.wait(0.0)
    assert frame is not None and frame.number == 3
    assert grabber.wait(0.0) is None
    assert grabber.health().problem == ""
    assert grabber.optics.color is not None


def test_unplugged_and_back() -> None:
    clock, source = Clock(), Scripted("new")
    grabber = Grabber(source, SETTINGS, clock)
    grabber.turn()
    source.present = False
    grabber.turn()
    assert grabber.health().problem == "unplugged" and source.closed == 1
    assert not grabber.turn()  # not before retry_s
    clock.now += 0.5
    assert grabber.turn() and grabber.health().problem == "no camera"
    source.present = True
    assert not grabber.turn()
    clock.now += 1.0
    assert grabber.turn()
    health = grabber.health()
    assert (health.problem, health.reconnects, health.frames) == ("", 1, 2)


def test_silence_is_a_lost_camera() -> None:
    clock, source = Clock(), Scripted("new", "none")
    grabber = Grabber(source, SETTINGS, clock)
    grabber.turn()
    clock.now += 1.9
    grabber.turn()
    assert grabber.health().problem == "" and grabber.health().age_s == pytest.approx(1.9)
    clock.now += 0.1
    grabber.turn()
    assert grabber.health().problem == "no frame for 2 s; reopening the camera"


def test_frozen_pictures_are_not_handed_out_and_the_camera_is_opened_again() -> None:
    clock, source = Clock(), Scripted("same")
    grabber = Grabber(source, SETTINGS, clock)
    grabber.turn()
    assert grabber.wait(0.0) is not None
    clock.now += 1.0
    grabber.turn()
    assert grabber.wait(0.0) is None
    assert grabber.health().frozen and "identical images for more than 1 s" in grabber.health().problem
    clock.now += 0.5
    grabber.turn()  # open again: still the old picture, which gets a second to change
    assert (source.opened, source.closed) == (2, 1)
    assert grabber.wait(0.0) is None and grabber.health().frozen
    source.script = ["new"]
    grabber.turn()
    assert grabber.wait(0.0) is not None and not grabber.health().frozen
    assert grabber.health().problem == "" and grabber.health().reconnects == 1


def test_what_the_camera_cannot_do_is_asked_once() -> None:
    source = Scripted("new")

    def refuse() -> None:
        source.opened += 1
        raise CameraRefused("no such mode")

    source.open = refuse  # type: ignore[method-assign]
    clock = Clock()
    grabber = Grabber(source, SETTINGS, clock)
    grabber.turn()
    clock.now += 100.0
    assert not grabber.turn()
    assert grabber.refused == grabber.health().problem == "no such mode" and source.opened == 1


def test_a_camera_that_refuses_after_a_replug_is_tried_again_and_says_why() -> None:
    """As a RealSense that comes back on a USB 2 port."""
    clock, source = Clock(), Scripted("new", "lost", "new")
    grabber = Grabber(source, SETTINGS, clock)
    grabber.turn()
    grabber.turn()
    begin, why = source.open, "the RealSense does not support color at 640x480@60"

    def refuse() -> None:
        raise CameraRefused(why)

    source.open = refuse  # type: ignore[method-assign]
    for _ in range(3):
        clock.now += 5.0
        assert grabber.turn() and grabber.health().problem == why and not grabber.refused
    source.open = begin  # type: ignore[method-assign]
    clock.now += 5.0
    grabber.turn()
    assert grabber.health().problem == "" and grabber.health().reconnects == 1


def grab(grabber: Grabber, clock: Clock, hz: float, seconds: float) -> None:
    for _ in range(round(seconds * hz)):
        clock.now += 1 / hz
        grabber.turn()


def test_a_slow_camera_is_noticed_after_some_seconds_and_until_it_is_fast_again() -> None:
    """Of 30 Hz: slow below 24, no longer from 27 on; the rate is of the last 5 s."""
    clock, source = Clock(), Scripted("new")
    grabber = Grabber(source, SETTINGS, clock)
    grab(grabber, clock, 20.0, 4.5)
    assert grabber.health().trouble == ""
    grab(grabber, clock, 20.0, 1.0)
    assert grabber.health().trouble.startswith("too few images: less than 80% of 30 Hz; no interlock")
    assert grabber.health().problem == "" and grabber.wait(0.0) is not None  # a slow picture is a picture
    grab(grabber, clock, 25.5, 6.0)
    assert grabber.health().slow
    grab(grabber, clock, 30.0, 6.0)
    assert not grabber.health().slow
    grab(grabber, clock, 25.5, 6.0)
    assert not grabber.health().slow
    grab(grabber, clock, 2.2, 6.0)
    assert grabber.health().slow
    source.present = False
    grabber.turn()
    assert grabber.health().trouble == "unplugged" and not grabber.health().slow


def test_a_picture_a_second_is_as_many_as_were_asked_for() -> None:
    clock = Clock()
    grabber = Grabber(Scripted("new"), CameraSettings(width=64, height=48, fps=1, frozen_s=2.0, lost_s=3.0), clock)
    grab(grabber, clock, 1.0, 30.0)
    assert grabber.health().trouble == "" and grabber.health().rate_hz == pytest.approx(1.0)


def test_old_pictures_are_not_handed_out() -> None:
    """A camera that lags is silent to all who listen, the arm's guard among them."""
    clock, wall, source = Clock(), Clock(), Scripted("new")
    grabber = Grabber(source, SETTINGS, clock, lambda: round(1e9 * wall()))
    read, age_s = source.read, 0.4

    def late() -> Frame:
        frame = read()
        assert frame is not None
        return replace(frame, stamp_ns=round(1e9 * (wall() - age_s)))

    source.read = late  # type: ignore[method-assign]
    grabber.turn()
    assert grabber.wait(0.0) is not None and grabber.health().problem == ""
    age_s = 0.6
    for _ in range(10):
        clock.now += 1.0
        grabber.turn()
        assert grabber.wait(0.0) is None
    health = grabber.health()
    assert health.problem.startswith("images are more than 0.5 s old on arrival") and health.age_s == 10.0
    age_s = 0.1
    grabber.turn()
    assert grabber.wait(0.0) is not None and grabber.health().problem == ""


def test_a_driver_that_hangs_is_told_of_while_it_hangs() -> None:
    clock = Clock()
    grabber = Grabber(Scripted("new"), SETTINGS, clock)
    grabber.turn()
    clock.now += 2.0
    assert grabber.health().problem == ""
    clock.now += 0.1  # no turn ends meanwhile: read() is stuck
    assert grabber.health().problem == "no image for more than 2 s: the camera or its driver hangs"


def test_a_driver_that_fails_in_its_own_way_is_tried_again() -> None:
    clock, source = Clock(), Scripted("new")
    grabber = Grabber(source, SETTINGS, clock)
    read = source.read

    def fail() -> None:
        raise RuntimeError("xioctl")

    source.read = fail  # type: ignore[method-assign]
    grabber.turn()
    assert grabber.health().problem == "the driver failed: RuntimeError: xioctl"
    source.read = read  # type: ignore[method-assign]
    clock.now += 1.0
    grabber.turn()
    assert grabber.health().problem == ""


def test_a_thread_grabs_and_ends() -> None:
    source = Scripted("new")
    grabber = Grabber(source, SETTINGS)
    grabber.start()
    first, second = grabber.wait(600.0), grabber.wait(600.0)
    grabber.stop()
    assert first is not None and second is not None and second.number > first.number
    assert source.closed >= 1


@pytest.mark.parametrize(
    ("color", "words"),
    [
        (np.zeros((24, 32, 3), np.uint8), "delivers 32x24 with 3 channels of uint8"),
        (np.zeros((48, 64), np.uint8), "delivers 64x48 with 1 channels of uint8"),
        (np.zeros((48, 64, 3), np.uint16), "delivers 64x48 with 3 channels of uint16"),
    ],
    ids=["size", "gray", "depth"],
)
def test_images_of_another_kind_than_requested_are_refused_and_not_handed_out(
    color: np.ndarray, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Scripted("new")
    grabber = Grabber(source, SETTINGS, Clock())
    monkeypatch.setattr(source, "read", lambda: Frame(color, time.time_ns(), 1))
    grabber.turn()
    assert words in grabber.health().problem and "requested color images of 64x48" in grabber.health().problem
    assert grabber.wait(0.0) is None and source.closed == 1
