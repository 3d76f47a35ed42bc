"""The OpenCV source on a video file and an image sequence: no device is needed, and none is tried."""

import itertools
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from zprl_hardware.cameras import v4l2
from zprl_hardware.cameras.camera import CameraLost, CameraRefused, CameraSettings
from zprl_hardware.cameras.factory import make_source
from zprl_hardware.cameras.grabber import Grabber
from zprl_hardware.cameras.v4l2 import SELECT_TIMEOUT, V4l2


@pytest.fixture
def sequence(tmp_path: Path) -> str:
    """Four PNGs, red growing from 10 in steps of 50."""
    for i in range(4):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, :, 2] = 10 + 50 * i  # OpenCV's order is BGR
        assert cv2.imwrite(str(tmp_path / f"{i:03d}.png"), picture)
    return str(tmp_path / "%03d.png")


def settings(device: str, fps: int = 200) -> CameraSettings:
    return CameraSettings(device=device, width=64, height=48, fps=fps)


def test_pictures_are_rgb_and_counted(sequence: str) -> None:
    source = make_source(settings(sequence))
    source.open()
    frames = [source.read() for _ in range(4)]
    assert [f.number for f in frames if f] == [1, 2, 3, 4]
    assert [tuple(f.color[5, 5]) for f in frames if f] == [(10, 0, 0), (60, 0, 0), (110, 0, 0), (160, 0, 0)]
    assert all(a.stamp_ns < b.stamp_ns for a, b in itertools.pairwise(frames) if a and b)
    with pytest.raises(CameraLost, match="end of file"):
        source.read()
    source.close()
    source.close()
    assert source.optics().color is None


class Clock:
    """A clock that only sleeping moves."""

    now_s = 100.0

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.slept.append(round(duration_s, 3))
        self.now_s += duration_s

    def time_ns(self) -> int:
        return round(self.now_s * 1e9)


def test_a_file_plays_at_the_rate_asked_for(sequence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(v4l2, "time", clock)
    source = V4l2(settings(sequence, fps=20))
    source.open()
    frames = [source.read() for _ in range(3)]
    clock.now_s += 1.0  # a stall is not made up for
    frames.append(source.read())
    source.close()
    stamps = [round(f.stamp_ns / 1e9 - 100.0, 2) for f in frames if f]
    assert stamps == [0.0, 0.05, 0.1, 1.1] and clock.slept == [0.0, 0.05, 0.05, 0.0]


def test_a_video_file(tmp_path: Path) -> None:
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for shade in (20, 120, 220):
        writer.write(np.full((48, 64, 3), shade, np.uint8))
    writer.release()
    source = V4l2(settings(path))
    source.open()
    shades = [int(f.color.mean()) for _ in range(3) if (f := source.read())]
    source.close()
    assert shades == pytest.approx([20, 120, 220], abs=3)


def test_the_end_of_a_file_is_a_lost_camera_that_comes_back(sequence: str) -> None:
    s = CameraSettings(device=sequence, width=64, height=48, fps=200, retry_s=0.01, retry_max_s=0.01)
    grabber = Grabber(V4l2(s), s)
    end = time.monotonic() + 600.0
    while grabber.health().reconnects < 2 and time.monotonic() < end:
        grabber.turn()
    assert grabber.health().reconnects == 2 and grabber.health().frames >= 8
    grabber.source.close()


def test_what_is_not_there_is_one_clear_line(sequence: str) -> None:
    with pytest.raises(CameraLost, match=r"^/dev/video987 does not exist; video devices: .*$"):
        V4l2(settings("/dev/video987")).open()
    with pytest.raises(CameraRefused, match="nor a video file"):
        V4l2(settings("no/such/film.avi")).open()
    with pytest.raises(CameraRefused, match=r"requested 640x480 from .*, it delivers 64x48"):
        V4l2(CameraSettings(device=sequence)).open()


class Device:
    """What OpenCV makes of a V4L2 device: it takes what it is asked for, but for `own`."""

    def __init__(self, own: dict[int, float]):
        self.own, self.asked, self.released = own, dict[int, float](), False
        self.patience = os.environ.get(SELECT_TIMEOUT, "10")

    def isOpened(self) -> bool:
        return True

    def set(self, what: int, value: float) -> bool:
        self.asked[what] = value
        return True

    def get(self, what: int) -> float:
        return self.own.get(what, self.asked.get(what, 0.0))

    def release(self) -> None:
        self.released = True


def plug(monkeypatch: pytest.MonkeyPatch, own: dict[int, float]) -> list[Device]:
    """Every capture is such a device; they come in the list. No environment variable is left behind."""
    monkeypatch.setenv(SELECT_TIMEOUT, "before")
    monkeypatch.delenv(SELECT_TIMEOUT)
    devices: list[Device] = []

    def capture(path: str, backend: int) -> Device:
        devices.append(Device(own))
        return devices[-1]

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    return devices


MODE: dict[str, Any] = {"device": "/dev/null", "width": 64, "height": 48, "fps": 30, "fourcc": "MJPG"}


@pytest.mark.parametrize(
    ("own", "asked", "words"),
    [
        ({cv2.CAP_PROP_FPS: 10.0}, {}, "requested 30 Hz from /dev/null, it delivers 10 at 64x48; request that"),
        (
            {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV"))},
            {},
            "fourcc MJPG from /dev/null, it delivers YUYV",
        ),
        ({cv2.CAP_PROP_AUTO_EXPOSURE: 3.0}, {"exposure": 100.0}, "from /dev/null, it stays at automatic"),
        ({cv2.CAP_PROP_EXPOSURE: 50.0}, {"exposure": 100.0}, "requested exposure 100 from /dev/null, it stays at 50"),
        ({cv2.CAP_PROP_AUTO_EXPOSURE: 1.0}, {}, "stays at manual exposure (0); set exposure"),
    ],
)
def test_a_device_that_gives_another_mode_than_asked_for_is_refused(
    own: dict[int, float], asked: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = plug(monkeypatch, own)
    with pytest.raises(CameraRefused) as error:
        V4l2(CameraSettings(**MODE, **asked)).open()
    assert words in str(error.value) and devices[0].released


@pytest.mark.parametrize(
    "own",
    [
        {},
        {cv2.CAP_PROP_FPS: 29.97, cv2.CAP_PROP_EXPOSURE: 101.0},
        {
            cv2.CAP_PROP_FPS: 0.0,
            cv2.CAP_PROP_FOURCC: -1.0,
            cv2.CAP_PROP_AUTO_EXPOSURE: -1.0,
            cv2.CAP_PROP_EXPOSURE: -1.0,
        },
    ],
)
def test_a_device_that_gives_what_was_asked_for_or_does_not_tell(
    own: dict[int, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(monkeypatch, own)
    for exposure in (0.0, 100.0):
        V4l2(CameraSettings(**MODE, exposure=exposure)).open()


@pytest.mark.parametrize(("fps", "patience"), [(30, "1"), (1, "2")])
def test_opencv_waits_a_second_for_a_device_and_not_ten(
    fps: int, patience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV takes the number from the environment when it opens its first device; a period fits in."""
    devices = plug(monkeypatch, {})
    V4l2(CameraSettings(**MODE | {"fps": fps, "frozen_s": 3.0})).open()
    assert devices[0].patience == patience


def test_what_is_no_video_does_not_open(tmp_path: Path) -> None:
    (tmp_path / "text.avi").write_text("no video")
    with pytest.raises(CameraLost, match="does not open"):
        V4l2(settings(str(tmp_path / "text.avi"))).open()
