"""Whether a SpaceMouse or a gamepad is alive: devices that are pipes, and a hand that writes into them."""

import io
import itertools
import os
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from zprl_cli.doctor import teleop_devices
from zprl_cli.doctor.check import Check, Finding, Verdict
from zprl_cli.doctor.doctor import Doctor, visit
from zprl_cli.doctor.page import Page
from zprl_cli.doctor.teleop_devices import NO_HID, Device, judge, look_moved, trouble_of_mouse

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
AT_REST = struct.pack("<B6h", 1, 0, 0, 0, 0, 0, 0)
PUSHED = struct.pack("<B6h", 1, 0, -200, 0, 0, 0, 0)
BUTTON = struct.pack("<B3s", 3, b"\1\0\0")
JS_AXIS, JS_FIRST = 0x02, 0x80
LONG_S = 600.0  # a test waits so long only when it fails


@dataclass
class Pipe:
    """A device's file, and its other end."""

    path: Path
    end: int

    def says(self, *reports: bytes) -> None:
        for report in reports:
            os.write(self.end, report)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    path = tmp_path / "hidraw0"
    os.mkfifo(path)
    end = os.open(path, os.O_RDWR)  # so that it never ends
    yield Pipe(path, end)
    os.close(end)


def mouse(path: Path, trouble: str = "") -> Device:
    return Device(str(path), "SpaceMouse Wireless Receiver", True, trouble)


def the_only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_a_receiver_whose_mouse_is_off_is_there_and_no_more(pipe: Pipe) -> None:
    assert "alive" not in the_only(judge([mouse(pipe.path)], True)).found.partition(";")[0]
    said = the_only(look_moved(0.05, [mouse(pipe.path)]))
    assert said.verdict == FAIL and "sent nothing within 0.05 s" in said.found and "switch it on" in said.remedy
    pipe.says(AT_REST)
    assert the_only(look_moved(0.05, [mouse(pipe.path)])).verdict == FAIL


@pytest.mark.parametrize("report", [PUSHED, BUTTON], ids=["cap", "button"])
def test_a_mouse_that_is_moved_is_alive(pipe: Pipe, report: bytes) -> None:
    pipe.says(report)
    said = the_only(look_moved(LONG_S, [mouse(pipe.path)]))
    assert said.verdict == OK and "is alive" in said.found


def test_the_doctor_waits_for_the_hand(pipe: Pipe) -> None:
    hand = threading.Timer(0.2, pipe.says, [PUSHED])
    hand.start()
    assert the_only(look_moved(LONG_S, [mouse(pipe.path)])).verdict == OK
    hand.join()


def test_a_gamepad_is_alive_when_it_leaves_its_rest(pipe: Pipe) -> None:
    """Linux tells all axes at the beginning: a trigger rests at its end."""
    pad = Device(str(pipe.path), "gamepad", False)
    rest = struct.pack("<IhBB", 0, -32767, JS_AXIS | JS_FIRST, 2)
    pipe.says(rest)
    assert the_only(look_moved(0.05, [pad])).verdict == FAIL
    pipe.says(rest)
    seen = threading.Event()

    def to_and_fro() -> None:  # for as long as the doctor needs
        for value in itertools.cycle((20000, 0)):
            pipe.says(struct.pack("<IhBB", 9, value, JS_AXIS, 0))
            if seen.wait(0.02):
                return

    hand = threading.Thread(target=to_and_fro)
    hand.start()
    try:
        assert the_only(look_moved(LONG_S, [pad])).verdict == OK
    finally:
        seen.set()
        hand.join()


def test_one_that_is_unplugged_or_cannot_be_read_spoils_no_other(pipe: Pipe, tmp_path: Path) -> None:
    (tmp_path / "ended").touch()
    pipe.says(PUSHED)
    gone, ended, locked = (
        mouse(tmp_path / "gone"),
        mouse(tmp_path / "ended"),
        mouse(tmp_path / "x", "Permission denied"),
    )
    verdicts = [f.verdict for f in look_moved(LONG_S, [gone, ended, locked, mouse(pipe.path)])]
    assert verdicts == [WARN, FAIL, FAIL, OK]
    assert the_only(look_moved(0.05, [])).verdict == FAIL


def test_what_is_no_hid_device_is_refused(pipe: Pipe, tmp_path: Path) -> None:
    for path in (Path("/dev/null"), pipe.path, Path("/dev/tty") if os.access("/dev/tty", os.R_OK) else pipe.path):
        assert trouble_of_mouse(path) in (NO_HID, "No such device or address")
    finding = the_only(judge([mouse(Path("/dev/null"), trouble_of_mouse(Path("/dev/null")))], True))
    assert finding.verdict == WARN and "not a HID raw device" in finding.found and "udev" not in finding.remedy
    assert trouble_of_mouse(tmp_path / "none") == "No such file or directory"


def test_a_person_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teleop_devices, "MOVE_S", 0.05)
    (check,) = [check for check in Doctor(move_device=True).checks() if check.name == "SpaceMouse"]
    assert "move the SpaceMouse" in check.ask and check.limit_s > 5.0
    out = io.StringIO()
    visit([Check("SpaceMouse", lambda: [], ask=check.ask)], Page(out, {}))
    assert "  you: move the SpaceMouse" in out.getvalue()
    (check,) = [check for check in Doctor().checks() if check.name == "SpaceMouse"]
    assert not check.ask
