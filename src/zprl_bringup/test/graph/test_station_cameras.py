"""A station's cameras are different ones, and a list."""

from pathlib import Path

import pytest

from zprl_bringup.graph.station import load_station
from zprl_cli.doctor.doctor import Doctor


def station_with(folder: Path, cameras: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"cameras: {cameras}")
    return path


@pytest.mark.parametrize(
    ("cameras", "why"),
    [
        ("[{name: a, serial: _012}, {name: b, serial: '012'}]", "cameras a and b are the same device, 012"),
        ("[{name: a, device: /dev/video0}, {name: b, device: /dev/video0}]", "are the same device, /dev/video0"),
        ("[{name: a}, {name: b}]", "camera a has neither serial nor device.* the station has 2; give its serial"),
        ("[{name: a, serial: _1}, {name: b}]", "camera b has neither serial nor device"),
        ("0", "cameras must be a list"),
        ("{}", "cameras must be a list"),
        ("false", "cameras must be a list"),
        ("''", "cameras must be a list"),
    ],
)
def test_cameras_that_cannot_be_told_apart_are_refused(cameras: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=why):
        load_station(station_with(tmp_path, cameras))


@pytest.mark.parametrize(
    ("cameras", "names"),
    [
        ("", []),
        ("[]", []),
        ("[{name: a}]", ["a"]),  # the only RealSense
        ("[{name: a}, {name: b, device: /dev/video0}, {name: c, device: /dev/video2}]", ["a", "b", "c"]),
        ("[{name: a, serial: _1}, {name: b, serial: _2}]", ["a", "b"]),
    ],
)
def test_cameras_that_can(cameras: str, names: list[str], tmp_path: Path) -> None:
    assert [camera.name for camera in load_station(station_with(tmp_path, cameras)).cameras] == names


def test_the_doctor_is_not_asked_for_one_camera_twice() -> None:
    with pytest.raises(ValueError, match="front and wrist are the same device, 012"):
        Doctor(cameras=("front=012", "wrist=012")).checks()
