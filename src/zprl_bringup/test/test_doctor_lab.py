"""The doctor's probes: devices as files, arms that are simulated or too old, two real nodes; and the command itself."""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_camera import Scripted

from zprl_bringup import (
    doctor_arm,
    doctor_camera,
    doctor_child,
    doctor_dds,
    doctor_input,
    doctor_install,
    doctor_machine,
)
from zprl_bringup.camera import CameraSettings, Frame
from zprl_bringup.camera_probe import videos
from zprl_bringup.doctor import Doctor
from zprl_bringup.doctor_arm import Trouble
from zprl_bringup.doctor_dds import Heard, judge_domain, judge_heard
from zprl_bringup.doctor_finding import Verdict
from zprl_bringup.doctor_install import Pin
from zprl_bringup.graphs import RobotKind

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
OLD, SIMULATED, NOBODY = "127.0.0.31", "127.0.0.32", "127.0.0.33"  # loopback addresses that no other test takes
HEARD = Heard(0.2, 0.3, 31, 31, (2.0, 3.0, 4.0), ())


class Pacing(Scripted):
    """A camera that gives no more pictures than its rate."""

    def read(self) -> Frame | None:
        time.sleep(0.01)
        frame = super().read()
        return None if frame is None else replace(frame, stamp_ns=time.time_ns())


def test_cameras_are_watched_together_and_one_that_fails_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_camera, "OPEN_S", 1.0)
    sources = {"front": Pacing("new"), "wrist": Pacing("lost")}
    cameras = [CameraSettings(name, fps=100, lost_s=0.5, retry_s=0.1) for name in sources]
    front, wrist = doctor_camera.watch(cameras, 0.2, lambda camera: sources[camera.name])
    assert not front.problem and len(front.stamps_ns) > 2 and wrist.problem == "unplugged"
    assert doctor_camera.judge_stream(wrist).verdict == FAIL
    assert sources["front"].closed == 1


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
    (missing,) = doctor_input.spacemice(tmp_path, tmp_path / "dev")
    assert missing.model == "3Dconnexion SpaceMouse" and missing.trouble == "No such file or directory"
    (finding,) = doctor_input.judge([missing], needed=True)
    assert finding.verdict == WARN and "udev" in finding.remedy
    for name in ("js0", "js1"):
        (tmp_path / name).mkdir()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "js0").write_bytes(bytes(8))
    (tmp_path / "dev" / "js1").write_bytes(b"")
    pads = doctor_input.gamepads(tmp_path, tmp_path / "dev")
    assert [pad.trouble for pad in pads] == ["", "it says nothing"]
    assert [f.verdict for f in doctor_input.judge(pads, needed=False)] == [OK, WARN]
    assert [f.verdict for needed in (True, False) for f in doctor_input.judge([], needed)] == [WARN, SKIPPED]


def test_shared_memory_of_dead_nodes(tmp_path: Path) -> None:
    """Two segments of 8 kB; somebody holds the lock of one. A port is none."""
    for name in ("fastdds_00000000000000aa", "fastdds_00000000000000bb", "fastdds_port7000"):
        (tmp_path / name).write_bytes(bytes(8192))
        (tmp_path / f"{name}_el").touch()
    with (tmp_path / "fastdds_00000000000000aa_el").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert doctor_machine.leftovers(tmp_path, Path("/proc/locks").read_text()) == [8192]
    assert len(doctor_machine.leftovers(tmp_path, Path("/proc/locks").read_text())) == 2


def test_versions() -> None:
    constraints = 'a==1.0\nb==2.0 ; python_version < "3.11"\nb==2.1 ; python_version >= "3.11"\n# c==3\n'
    assert doctor_install.pinned(constraints, "3.10") == {"a": "1.0", "b": "2.0"}
    assert doctor_install.pinned(constraints, "3.11") == {"a": "1.0", "b": "2.1"}
    assert doctor_install.required("# words\na[extra]\nz\n", {"a": "1.0"}) == ["a"]
    judged = doctor_install.judge_versions
    assert judged([Pin("a", "1", "1")]).verdict == OK
    assert "b 3 (tested with 2)" in judged([Pin("a", "1", "1"), Pin("b", "2", "3")]).found
    assert judged([Pin("a", "1", None), Pin("b", "2", "3")]).verdict == FAIL
    (here,) = doctor_install.look_versions()
    assert here.verdict in (OK, WARN)  # nothing that a test runs on is missing


def test_a_folder_that_is_no_base(tmp_path: Path) -> None:
    (finding,) = doctor_install.look_base(tmp_path)
    assert finding.verdict == FAIL and str(tmp_path) in finding.found


def test_who_is_in_the_domain() -> None:
    assert judge_domain(7, True, ["/_ros2cli_daemon_7"]).verdict == OK
    assert judge_domain(7, True, ["/rviz"]).verdict == WARN
    second = judge_domain(7, True, ["/camera", "/robot_2/arm"])
    assert second.verdict == FAIL and "/robot_2/arm" in second.found


@pytest.mark.parametrize(
    ("heard", "verdicts"),
    [
        (HEARD, [OK, OK]),
        (replace(HEARD, found_s=6.0), [WARN, OK]),
        (replace(HEARD, found_s=None), [FAIL]),
        (replace(HEARD, heard=0, ages_ms=()), [OK, FAIL]),
        (replace(HEARD, heard=27), [OK, FAIL]),  # 90 % of 31 are 27.9
        (replace(HEARD, ages_ms=(60.0,)), [OK, WARN]),
    ],
)
def test_what_two_nodes_heard(heard: Heard, verdicts: list[Verdict]) -> None:
    assert [finding.verdict for finding in judge_heard(heard, "LOCALHOST")] == verdicts


def test_a_child_that_crashes_or_hangs_is_told() -> None:
    with pytest.raises(doctor_child.Silent, match=r"No module named zprl_bringup\.nothing"):
        doctor_child.ask("zprl_bringup.nothing", seconds=60)
    with pytest.raises(doctor_child.Silent, match=r"within 0\.1 s"):
        doctor_child.ask("timeit", "-n", "1", "import time; time.sleep(60)", seconds=0.1)


def test_nobody_at_the_port() -> None:
    assert doctor_arm.probe(NOBODY).trouble == Trouble.REFUSED
    assert doctor_arm.probe("no such name").trouble == Trouble.UNKNOWN
    assert [f.verdict for f in doctor_arm.look(NOBODY)] == [FAIL, SKIPPED]
    assert [f.verdict for f in doctor_arm.look_simulated(NOBODY)] == [OK, SKIPPED]


@pytest.fixture
def panda() -> Iterator[None]:
    """A server that refuses libfranka as a Panda does: version 5."""
    server = socket.create_server((OLD, doctor_arm.FCI_PORT))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(64)
                if len(request) >= 12:
                    command, number, _ = struct.unpack_from("<III", request)
                    connection.sendall(struct.pack("<IIIBH", command, number, 15, 1, 5))
                    connection.recv(64)  # until the driver hangs up

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_the_real_driver_against_an_arm_that_is_too_old(panda: None) -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    reach, state = doctor_arm.look(OLD)
    assert reach.name == "arm" and state.verdict == FAIL
    assert "server version 5, a Panda" in state.found and "wheel for server version 5" in state.remedy


def test_the_real_driver_against_the_simulated_arm() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")
    from zprl_sim.fci import FciSim
    from zprl_sim.tasks import task_named

    with FciSim(task_named("lift"), SIMULATED, lockstep=True) as sim:
        reach, state = doctor_arm.look_simulated(SIMULATED)
        assert (reach.verdict, state.verdict) == (WARN, OK) and "server version 10" in state.found
        (gripper,) = doctor_arm.look_gripper(SIMULATED)
        assert gripper.verdict == OK and gripper.found.startswith("80 to 70 mm")
        sim.press_stop()
        assert [f.verdict for f in doctor_arm.look(SIMULATED)][1] == FAIL


@pytest.mark.ros
def test_two_real_nodes_find_each_other() -> None:
    pytest.importorskip("rclpy")
    env = {**os.environ, "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    env.pop("ROS_DOMAIN_ID", None)
    findings = list(doctor_dds.look(env, settle_s=0.0))
    assert [f.name for f in findings] == ["ROS domain", "DDS discovery", "DDS images"]
    assert findings[1].verdict in (OK, WARN), findings[1].found


def test_a_domain_that_is_none_is_red() -> None:
    (finding,) = doctor_dds.look({"ROS_DOMAIN_ID": "seven"})
    assert finding.verdict == FAIL and "'seven' is no domain" in finding.found and "0 to 101" in finding.remedy


def test_what_is_looked_at_follows_the_robot() -> None:
    names = {robot: [check.name for check in Doctor(robot=robot).checks()] for robot in RobotKind}
    assert "kernel" in names[RobotKind.FRANKY] and "kernel" not in names[RobotKind.FCI_SIM]
    assert "gripper" in names[RobotKind.FCI_SIM] and "gripper" not in names[RobotKind.SIM]
    assert "camera rates" in [check.name for check in Doctor(cameras=("front=1",)).checks()]


@pytest.mark.parametrize(
    "doctor",
    [
        Doctor(hostname="10.0.0.1"),
        Doctor(move_gripper=True),
        Doctor(cameras=("front=1", "front=2")),
        Doctor(cameras=("a",)),
    ],
)
def test_flags_that_make_no_sense_are_refused(doctor: Doctor) -> None:
    with pytest.raises(ValueError, match="--"):
        doctor.checks()


def test_the_command_ends_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is no base: red."""
    monkeypatch.setenv("ROS_DOMAIN_ID", "seven")  # no nodes here
    (tmp_path / "base").mkdir()
    page = tmp_path / "page.json"
    with pytest.raises(SystemExit) as end:
        Doctor(runs=tmp_path, base=tmp_path / "base", json=page).main()
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert "FAIL  base" in out and "not ready" in out
    told = json.loads(page.read_text())
    assert told["exit_code"] == 1 and told["robot"] == "sim" and len(told["findings"]) > 8


def test_wrong_flags_are_exit_code_2() -> None:
    command = [sys.executable, "-m", "zprl_bringup.cli", "doctor", "--cameras", "x"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and not done.stdout and "NAME=SERIAL" in done.stderr
