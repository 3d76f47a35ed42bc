"""The doctor's probes: arms that are simulated or too old, two real nodes, stations; and the command itself."""

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.runner.domain_ports import PortRange
from zprl_cli.doctor import arm, child_process, dds, installation
from zprl_cli.doctor.arm import Trouble
from zprl_cli.doctor.check import Verdict, examine
from zprl_cli.doctor.dds import Heard, judge_domain, judge_heard
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.doctor.installation import Pin
from zprl_cli.up import REAL_TIME
from zprl_core.observation_spec import arm_observation

OK, WARN, FAIL, SKIPPED = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
OLD, SIMULATED, NOBODY = "127.0.0.31", "127.0.0.32", "127.0.0.33"  # loopback addresses that no other test takes
HEARD = Heard(0.2, 0.3, 31, 31, (2.0, 3.0, 4.0), ())


def test_versions() -> None:
    constraints = 'a==1.0\nb==2.0 ; python_version < "3.11"\nb==2.1 ; python_version >= "3.11"\n# c==3\n'
    assert installation.pinned(constraints, "3.10") == {"a": "1.0", "b": "2.0"}
    assert installation.pinned(constraints, "3.11") == {"a": "1.0", "b": "2.1"}
    assert installation.required("# words\na[extra]\nz\n", {"a": "1.0"}) == ["a"]
    judged = installation.judge_versions
    assert judged([Pin("a", "1", "1")]).verdict == OK
    assert "b 3 (tested with 2)" in judged([Pin("a", "1", "1"), Pin("b", "2", "3")]).found
    assert judged([Pin("a", "1", None), Pin("b", "2", "3")]).verdict == FAIL
    (here,) = installation.look_versions()
    assert here.verdict in (OK, WARN)  # nothing that a test runs on is missing


def test_a_folder_that_is_no_base(tmp_path: Path) -> None:
    (finding,) = installation.look_base(tmp_path)
    assert finding.verdict == FAIL and str(tmp_path) in finding.found


@pytest.mark.parametrize(
    ("options", "verdicts"),
    [
        (REAL_TIME, [OK]),
        (replace(REAL_TIME, task="peg_insert"), [OK, FAIL]),
        (replace(REAL_TIME, task="peg_insert", robot="mujoco"), [OK, FAIL]),
        (replace(REAL_TIME, robot="mujoco", lockstep=True), [OK]),  # refused with any base
    ],
)
def test_a_base_that_the_graph_would_refuse_is_red(
    options: RunOptions, verdicts: list[Verdict], tmp_path: Path
) -> None:
    """Its objects and arm are those of lift."""
    torch.manual_seed(0)
    save_base(tmp_path / "base", BasePolicy(BaseConfig(arm_observation(("cube",)), horizon=16, n_action_steps=8)))
    doctor = Doctor(replace(options, base=tmp_path / "base"))
    (check,) = [check for check in doctor.checks() if check.name == "base"]
    found, _ = examine(check)
    assert [finding.verdict for finding in found] == verdicts
    if FAIL in verdicts:
        assert "the base" in found[1].found and "zprl up would refuse it" in found[1].remedy


def test_a_base_of_another_rate_is_yellow(tmp_path: Path) -> None:
    torch.manual_seed(0)
    small = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=8, hidden=8))
    save_base(tmp_path / "base", small, control_rate=20.0)
    doctor = Doctor(replace(REAL_TIME, robot="franky", station=Path("place_orange"), base=tmp_path / "base"))
    (check,) = [check for check in doctor.checks() if check.name == "base"]
    fits, rate = examine(check)[0]
    assert (fits.verdict, rate.verdict) == (OK, WARN) and "0.5 times as fast" in rate.found


def test_who_is_in_the_domain() -> None:
    assert judge_domain(7, True, ["/_ros2cli_daemon_7"]).verdict == OK
    assert judge_domain(7, True, ["/rviz"]).verdict == WARN
    assert judge_domain(150, True, [], PortRange(32768, 60999)).verdict == WARN
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
    with pytest.raises(child_process.Silent, match=r"No module named zprl_cli\.nothing"):
        child_process.call("zprl_cli.nothing", seconds=600)
    with pytest.raises(child_process.Silent, match=r"within 0\.1 s"):
        child_process.call("timeit", "-n", "1", "import time; time.sleep(60)", seconds=0.1)


def test_nobody_at_the_port() -> None:
    assert arm.probe(NOBODY).trouble == Trouble.REFUSED
    assert arm.probe("no such name").trouble == Trouble.UNKNOWN
    assert [f.verdict for f in arm.look(NOBODY)] == [FAIL, SKIPPED]
    assert [f.verdict for f in arm.look_simulated(NOBODY)] == [OK, SKIPPED]


@pytest.fixture
def panda() -> Iterator[None]:
    """A server that refuses libfranka as a Panda does: version 5."""
    server = socket.create_server((OLD, arm.FCI_PORT))

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
    reach, state, _ = arm.look(OLD)
    assert reach.name == "arm" and state.verdict == FAIL
    assert "server version 5, a Panda" in state.found and "wheel for server version 5" in state.remedy


def test_the_real_driver_against_the_simulated_arm() -> None:
    pytest.importorskip("franky", reason="franky-control has no wheel for this machine")
    pytest.importorskip("franky_sim", reason="franky-sim has no wheel for this machine")
    from zprl_sim.fci.hand import Hand
    from zprl_sim.fci.simulator import FciSim
    from zprl_sim.tasks.catalog import task_named

    with FciSim(task_named("lift"), SIMULATED, lockstep=True) as sim:
        reach, state, hand = arm.look_simulated(SIMULATED)
        assert (reach.verdict, state.verdict, hand.verdict) == (WARN, OK, OK) and "homed, 80 of 80 mm" in hand.found
        sim.set_hand(Hand.NOT_HOMED)
        hand = list(arm.look(SIMULATED))[2]
        assert hand.verdict == WARN and "not homed" in hand.found and "arm/home_gripper" in hand.remedy
        sim.set_hand(Hand.HOMED)
        assert (reach.verdict, state.verdict) == (WARN, OK) and "server version 10" in state.found
        (gripper,) = arm.look_gripper(SIMULATED)
        assert gripper.verdict == OK and gripper.found.startswith("80 to 70 mm")
        sim.press_stop()
        assert [f.verdict for f in arm.look(SIMULATED)][1] == FAIL


@pytest.mark.ros
def test_two_real_nodes_find_each_other() -> None:
    pytest.importorskip("rclpy")
    env = {**os.environ, "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    env.pop("ROS_DOMAIN_ID", None)
    findings = list(dds.look(env, settle_s=0.0))
    assert [f.name for f in findings] == ["ROS domain", "DDS discovery", "DDS images"]
    assert findings[1].verdict in (OK, WARN), findings[1].found


def test_a_domain_that_is_none_is_red() -> None:
    (finding,) = dds.look({"ROS_DOMAIN_ID": "seven"})
    assert finding.verdict == FAIL and "'seven' is not a ROS domain" in finding.found and "0 to 101" in finding.remedy


def test_what_is_looked_at_follows_the_robot() -> None:
    names = {
        robot: [check.name for check in Doctor(replace(REAL_TIME, robot=robot)).checks()] for robot in robot_names()
    }
    assert "kernel" in names["franky"] and "kernel" not in names["fci-sim"]
    assert "gripper" in names["fci-sim"] and "gripper" not in names["sim"]
    assert "camera rates" in [check.name for check in Doctor(cameras=("front=1",)).checks()]


def test_a_station_brings_its_cameras_and_its_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(arm, "look", lambda host: asked.append(host) or [])
    path = tmp_path / "station.yaml"
    path.write_text("franky:\n  hostname: 10.1.1.1\ncameras:\n  - name: front\n    device: /dev/video0\n")
    checks = {check.name: check for check in Doctor(replace(REAL_TIME, robot="franky", station=path)).checks()}
    examine(checks["arm"])
    assert asked == ["10.1.1.1"] and "camera rates" in checks
    assert [f.verdict for f in examine(checks["station"])[0]] == [OK]


def test_a_station_that_cannot_be_used_is_red_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "station.yaml"
    path.write_text("control_rate: 1000\n")
    checks = {check.name: check for check in Doctor(replace(REAL_TIME, station=path)).checks()}
    (finding,) = examine(checks["station"])[0]
    assert finding.verdict == FAIL and "control_rate" in finding.found and "disk" in checks


def test_a_station_that_zprl_up_would_refuse_is_red() -> None:
    for doctor, why in (
        (Doctor(replace(REAL_TIME, robot="fci-sim", station=Path("place_orange"))), "robot fci-sim has no cameras"),
        (Doctor(replace(REAL_TIME, robot="mujoco", station=Path("place_orange"))), "robot mujoco has no cameras"),
    ):
        (check,) = [check for check in doctor.checks() if check.name == "station"]
        ((finding,), _) = examine(check)
        assert finding.verdict == FAIL and why in finding.found and "zprl up" in finding.remedy
    for doctor in (
        Doctor(replace(REAL_TIME, robot="franky", station=Path("place_orange")), hostname="10.0.0.5"),
        Doctor(replace(REAL_TIME, robot="fci-sim", station=Path("simulated_franka")), hostname=NOBODY),
    ):
        (check,) = [check for check in doctor.checks() if check.name == "station"]
        assert [finding.verdict for finding in examine(check)[0]] == [OK]


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
        Doctor(replace(REAL_TIME, base=tmp_path / "base"), runs=tmp_path, json=page).main()
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert "FAIL  base" in out and "not ready" in out
    told = json.loads(page.read_text())
    assert told["exit_code"] == 1 and told["robot"] == "sim" and len(told["findings"]) > 8


@pytest.mark.parametrize("page", [".", "none/page.json"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_looked_at(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=r"cannot be written: .*; choose another file"):
        Doctor(runs=tmp_path, json=tmp_path / page).main()
    assert not capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_up_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Doctor, "checks", lambda self: [])
    with pytest.raises(SystemExit) as end:
        Doctor(runs=tmp_path, json=Path("/dev/full")).main()
    assert end.value.code == 1 and "is incomplete: No space left" in capsys.readouterr().err


def test_wrong_flags_are_exit_code_2() -> None:
    command = [sys.executable, "-m", "zprl_cli.main", "doctor", "--cameras", "x"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 2 and not done.stdout and "NAME=SERIAL" in done.stderr
