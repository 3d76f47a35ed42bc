"""The doctor's probes of devices: cameras that are scripted, and what the kernel says of a device, as files."""

import fcntl
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fake_camera import Scripted
from zprl_cli.doctor import cameras as doctor_cameras
from zprl_cli.doctor import machine, teleop_devices
from zprl_cli.doctor.cameras import Stream
from zprl_cli.doctor.check import Verdict
from zprl_hardware.cameras.calibration_file import Calibration, save
from zprl_hardware.cameras.camera import CameraSettings, Frame
from zprl_hardware.cameras.probe import videos

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


class Pacing(Scripted):
    """A camera that gives no more pictures than its rate."""

    def read(self) -> Frame | None:
        time.sleep(0.01)
        frame = super().read()
        return None if frame is None else replace(frame, stamp_ns=time.time_ns())


def test_cameras_are_watched_together_and_one_that_fails_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_cameras, "OPEN_S", 3.0)
    sources = {"front": Pacing("new"), "wrist": Pacing("lost")}
    cameras = [CameraSettings(name, width=64, height=48, fps=100, lost_s=60.0, retry_s=0.1) for name in sources]
    front, wrist = doctor_cameras.watch(cameras, 1.0, lambda camera: sources[camera.name])
    assert not front.problem and len(front.stamps_ns) > 2 and wrist.problem == "unplugged"
    assert doctor_cameras.judge_stream(wrist).verdict == FAIL
    assert sources["front"].closed == 1


def test_a_calibration_file_with_which_the_node_would_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream is judged all the same."""
    monkeypatch.setattr(
        doctor_cameras, "watch", lambda cameras: [Stream(c.name, c.fps, problem="dark") for c in cameras]
    )
    save(tmp_path / "a.yaml", Calibration("a"))
    good, other, gone, none = (
        CameraSettings(name, calibration=calibration)
        for name, calibration in (("a", f"{tmp_path}/a.yaml"), ("b", f"{tmp_path}/a.yaml"), ("c", "no.yaml"), ("d", ""))
    )
    found = list(doctor_cameras.look_streams([good, other, gone, none]))
    assert [(f.name, f.verdict) for f in found[:2]] == [("calibration b", FAIL), ("calibration c", FAIL)]
    assert "made for camera a" in found[0].found and "no.yaml: No such file" in found[1].found
    assert [f.name for f in found[2:]] == ["camera a", "camera b", "camera c", "camera d"]


def test_video_devices(tmp_path: Path) -> None:
    for name, index in (("video0", "0"), ("video1", "1")):  # the second gives metadata
        (tmp_path / "sys" / name).mkdir(parents=True)
        (tmp_path / "sys" / name / "index").write_text(f"{index}\n")
        (tmp_path / "sys" / name / "name").write_text("C920\n")
    (tmp_path / "dev").mkdir()
    (there,) = videos(tmp_path / "sys", tmp_path / "dev")
    assert (there.path, there.model, there.readable) == (str(tmp_path / "dev" / "video0"), "C920", False)


def test_spacemouse_and_gamepad(tmp_path: Path) -> None:
    descriptor = bytes.fromhex("05010908")
    for name, hid, content in (
        ("hidraw0", "0003:0000256F:0000C635", descriptor),
        ("hidraw1", "0003:0000046D:0000C52B", b"\x05\x01\x09\x02"),  # Logitech's mouse
    ):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device" / "uevent").write_text(f"HID_ID={hid}\nHID_NAME=3Dconnexion SpaceMouse\n")
        (tmp_path / name / "device" / "report_descriptor").write_bytes(content)
    (missing,) = teleop_devices.spacemice(tmp_path, tmp_path / "dev")
    assert missing.model == "3Dconnexion SpaceMouse" and missing.trouble == "No such file or directory"
    (finding,) = teleop_devices.judge([missing], needed=True)
    assert finding.verdict == WARN and "udev" in finding.remedy
    for name in ("js0", "js1"):
        (tmp_path / name).mkdir()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "js0").write_bytes(bytes(8))
    (tmp_path / "dev" / "js1").write_bytes(b"")
    pads = teleop_devices.gamepads(tmp_path, tmp_path / "dev")
    assert [pad.trouble for pad in pads] == ["", "it sends nothing"]
    assert [f.verdict for f in teleop_devices.judge(pads, needed=False)] == [OK, WARN]
    assert [f.verdict for needed in (True, False) for f in teleop_devices.judge([], needed)] == [WARN, SKIPPED]


def test_shared_memory_of_dead_nodes(tmp_path: Path) -> None:
    """Two segments of 8 kB; somebody holds the lock of one. A port is none."""
    for name in ("fastdds_00000000000000aa", "fastdds_00000000000000bb", "fastdds_port7000"):
        (tmp_path / name).write_bytes(bytes(8192))
        (tmp_path / f"{name}_el").touch()
    with (tmp_path / "fastdds_00000000000000aa_el").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert machine.leftovers(tmp_path, Path("/proc/locks").read_text(), os.geteuid()) == [8192]
    locks, uid = Path("/proc/locks").read_text(), os.geteuid()
    assert len(machine.leftovers(tmp_path, locks, uid)) == 2 == len(machine.leftovers(tmp_path, locks, uid + 1, True))
    assert machine.leftovers(tmp_path, locks, uid, others=True) == machine.leftovers(tmp_path, locks, uid + 1) == []
