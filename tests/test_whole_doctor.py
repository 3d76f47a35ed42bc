"""The whole `zprl doctor` on a machine with one trouble after the other, and without it again.

A row injects a trouble through the environment, files, or what the machine reports; the command's JSON must have a
finding with the verdict and the remedy, and be as before once the trouble is gone.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from doctor_machine import HEARD, MOUSE, Machine
from fake_camera import Scripted
from tiny import tiny_base
from zprl_bringup.runner.ros_domain import own_domain
from zprl_cli.doctor import cameras, clock, dds, disk, doctor, installation, machine, realtime, teleop_devices
from zprl_cli.doctor.arm import Reach, Trouble
from zprl_cli.doctor.check import Verdict
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.doctor.machine import GIB, Gpu
from zprl_cli.up import REAL_TIME
from zprl_hardware.cameras.camera import CameraLost
from zprl_hardware.cameras.probe import VideoThere

pytestmark = pytest.mark.ros
RED, YELLOW = "fail", "warn"


def diagnosed(here: Path, flags: Doctor) -> dict[str, list[dict[str, str]]]:
    """The findings of the whole command, by name, from its JSON; its exit code must agree with them."""
    file = here / "doctor.json"
    with pytest.raises(SystemExit) as ended:
        replace(flags, json=file).main()
    page = json.loads(file.read_text())
    found: dict[str, list[dict[str, str]]] = {}
    for finding in page["findings"]:
        found.setdefault(finding["name"], []).append(finding)
    red = any(finding["verdict"] == RED for finding in page["findings"])
    assert ended.value.code == page["exit_code"] == int(red)
    return found


def flags(here: Path, **changes: Any) -> Doctor:
    """`zprl doctor --robot franky --hostname ... --cameras ... --move-gripper --move-device`."""
    options = replace(REAL_TIME, robot="franky")
    every = Doctor(
        options, hostname="10.0.0.1", cameras=("front=/dev/video0",), camera_size=(64, 48), move_gripper=True,
        move_device=True, runs=here / "my runs",
    )  # fmt: skip
    return replace(every, **changes)


@dataclass(frozen=True)
class Row:
    """`break_it` changes the machine, or returns the flags to use."""

    finding: str
    verdict: str
    found: str
    remedy: str
    break_it: Callable[[Machine], Doctor | None]


def reply(what: str, **changes: Any) -> Callable[[Machine], None]:
    """The arm, its hand or the moved gripper answers otherwise."""
    return lambda m: m.replies[what].update(changes)


def env(**variables: str) -> Callable[[Machine], None]:
    def change(m: Machine) -> None:
        for name, value in variables.items():
            m.patch.setenv(name, value) if value else m.patch.delenv(name)

    return change


def becomes(module: Any, name: str, value: Any) -> Callable[[Machine], None]:
    """What the machine reports from now on."""
    return lambda m: m.patch.setattr(module, name, value)


def sets(**changes: Any) -> Callable[[Machine], None]:
    return lambda m: vars(m).update(changes)


def base_of(task: str) -> Callable[[Machine], Doctor]:
    def change(m: Machine) -> Doctor:
        tiny_base(m.here / "base", task)
        options = replace(REAL_TIME, robot="mujoco", base=m.here / "base")
        return flags(m.here, options=options, hostname="", move_gripper=False)

    return change


def nobody_s_base(m: Machine) -> Doctor:
    return flags(m.here, options=replace(REAL_TIME, robot="franky", base=m.here / "no run" / "base"))


def other_workspace(m: Machine) -> None:
    prefix = m.here / "other_ws" / "install"
    marker = prefix / "share" / "ament_index" / "resource_index" / "packages"
    marker.mkdir(parents=True)
    for package, executable in (("zprl_msgs", "x"), *installation.NODES):
        (marker / package).touch()
        node = prefix / "lib" / package / executable
        node.parent.mkdir(parents=True, exist_ok=True)
        node.touch()
    m.patch.setenv("AMENT_PREFIX_PATH", str(prefix))


def frozen(m: Machine) -> None:
    m.camera = partial(Scripted, "same")
    settings = doctor.cameras.parse
    m.patch.setattr(doctor.cameras, "parse", lambda *given: replace(settings(*given), frozen_s=0.1, lost_s=60.0))


def other_stream(m: Machine) -> Doctor:
    m.camera = partial(Scripted, "new")
    return flags(m.here, camera_size=(640, 480))


def of_alice() -> Scripted:
    source = Scripted("new")
    source.open = lambda: (_ for _ in ()).throw(  # type: ignore[method-assign]
        CameraLost("/dev/video0 is in use by process 7 of user alice")
    )
    return source


def small_disk(m: Machine) -> None:
    usage = shutil._ntuple_diskusage(10**12, 10**12, 0)  # type: ignore[attr-defined]
    full = usage._replace(free=10**8)
    whole = usage._replace(free=10**12)
    m.patch.setattr(shutil, "disk_usage", lambda folder: whole if folder == machine.SHM else full)


NO_MOVE = {"trouble": "command failed"}
ROWS = {
    "no HOME": Row("ROS logs", YELLOW, "HOME is not set", "ROS_LOG_DIR", env(HOME="")),
    "HOME is no folder": Row("ROS logs", YELLOW, "/dev/null/.ros/log", "ROS_LOG_DIR", env(HOME="/dev/null")),
    "RMW of another workspace": Row(
        "middleware", RED, "rmw_elsewhere", "unset RMW_IMPLEMENTATION", env(RMW_IMPLEMENTATION="rmw_elsewhere")
    ),
    "no workspace sourced": Row("workspace", RED, "was not found", "source setup.bash", env(AMENT_PREFIX_PATH="/none")),
    "another workspace sourced": Row("workspace", RED, "is another workspace", "in a new shell", other_workspace),
    "path with a space": Row(
        "workspace", RED, "has a space", "without spaces", becomes(installation, "ROOT", Path("/home/me/my code"))
    ),
    "another robot in the domain": Row(
        "ROS domain", RED, "/arm: a robot is already driven", "end /arm",
        becomes(dds, "exchange", lambda *given: (replace(HEARD, others=("/arm",)), "")),
    ),
    "nodes do not find each other": Row(
        "DDS discovery", RED, "did not find each other", "multicast",
        becomes(dds, "exchange", lambda *given: (replace(HEARD, found_s=None), "")),
    ),
    "another user's program on the GPU": Row(
        "GPU", YELLOW, "process 7 of user alice", "preset efficient",
        becomes(machine, "read_gpu", lambda: Gpu("H100", "12.8", True, GIB, 80 * GIB, ("process 7 of user alice",))),
    ),
    "no memory": Row("memory", RED, "1.0 GiB", "end other programs", becomes(machine, "available", lambda _: GIB)),
    "left shared memory": Row(
        "shared memory", YELLOW, "ended nodes", "-delete",
        becomes(machine, "leftovers", lambda *shm, others=False: [] if others else [2 * GIB]),
    ),
    "disk full": Row("disk", RED, "0.1 GB free", "free some space", small_disk),
    "runs on a file": Row(
        "disk", RED, "/dev/null is not a folder", "--runs", lambda m: flags(m.here, runs=Path("/dev/null/runs"))
    ),
    "slow disk": Row("synced write", RED, "90.0 ms", "local SSD", becomes(disk, "synced_writes_ms", lambda _: [90.0])),
    "clock is set": Row("clock", RED, "60.00 ms", "chrony", becomes(clock, "offsets_ms", lambda s: [0.0, -60.0])),
    "clock is off": Row(
        "time sync", YELLOW, "150 ms", "chronyc tracking",
        becomes(clock, "read_sync", lambda: clock.Sync(True, 150.0)),
    ),
    "no time server": Row(
        "time sync", YELLOW, "not synchronized", "chrony", becomes(clock, "read_sync", lambda: clock.Sync(False, 1.0))
    ),
    "camera of another user": Row(
        "camera front", RED, "process 7 of user alice", "only one program", sets(camera=of_alice)
    ),
    "camera without permission": Row(
        "cameras", YELLOW, "permission denied", "usermod -aG video",
        becomes(cameras, "videos", lambda: [VideoThere("/dev/video0", "C920", False)]),
    ),
    "frozen camera": Row("camera front", RED, "identical images", "cameras.md", frozen),
    "camera gives another stream": Row(
        "camera front", RED, "the camera delivers 64x48", "cameras.md", other_stream
    ),
    "arm's port is closed": Row("arm", RED, "refuses", "activate FCI", sets(reach=Reach(trouble=Trouble.REFUSED))),
    "arm has another program": Row("arm's state", RED, "Move", "end it", reply("arm", mode="Move")),
    "arm is stopped": Row("arm's state", RED, "UserStopped", "arm/recover", reply("arm", mode="UserStopped")),
    "arm of another version": Row(
        "arm's state", RED, "server version 5", "install franky's wheel",
        reply("arm", trouble="libfranka: Incompatible library version (server version: 5, library version: 10)."),
    ),
    "hand is not homed": Row("arm's hand", YELLOW, "not homed", "arm/enable homes it", reply("hand", max_width=0.0)),
    "hand does not answer": Row("arm's hand", YELLOW, "no answer", "franky.hand", reply("hand", trouble="timeout")),
    "hand refuses": Row("gripper", RED, "did not move", "home the gripper", reply("gripper", **NO_MOVE)),
    "no real-time kernel": Row(
        "kernel", RED, "not a real-time kernel", "PREEMPT_RT",
        becomes(realtime, "read_kernel", lambda: realtime.Kernel("6.1", "#1 SMP", None)),
    ),
    "teleop device is asleep": Row("SpaceMouse", RED, "sent nothing", "switch it on", sets(alive=frozenset())),
    "teleop device of another group": Row(
        "SpaceMouse", YELLOW, "Permission denied", "udev",
        becomes(teleop_devices, "spacemice", lambda: [replace(MOUSE, trouble="Permission denied")]),
    ),
    "no base there": Row("base", RED, "no run", "zprl pretrain", nobody_s_base),
    "base of another task": Row("base", RED, "peg", "choose another --base", base_of("peg_insert")),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_trouble_is_found_by_the_whole_command_and_gone_without_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ROWS[name]
    with monkeypatch.context() as patch:
        found = diagnosed(tmp_path, row.break_it(Machine(patch, tmp_path)) or flags(tmp_path))
    told = [f for f in found[row.finding] if f["verdict"] == row.verdict]
    assert len(told) == 1 and row.found in told[0]["found"] and row.remedy in told[0]["remedy"], found[row.finding]
    others = [f for each in found.values() for f in each if f not in told and f["verdict"] in (RED, YELLOW)]
    assert not others, "one trouble has one finding"
    with monkeypatch.context() as patch:
        Machine(patch, tmp_path)
        again = diagnosed(tmp_path, flags(tmp_path))
    assert {f["verdict"] for each in again.values() for f in each} <= {Verdict.OK.value, Verdict.SKIPPED.value}, again


def test_a_domain_that_another_graph_has_is_red_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        Machine(patch, tmp_path)
        with own_domain({}) as domain:
            patch.setenv("ROS_DOMAIN_ID", str(domain))
            (busy,) = diagnosed(tmp_path, flags(tmp_path))["ROS domain"]
        (free,) = diagnosed(tmp_path, flags(tmp_path))["ROS domain"]
    assert busy["verdict"] == RED and "busy" in busy["found"] and "ROS_DOMAIN_ID" in busy["remedy"]
    assert free["verdict"] == Verdict.OK.value
