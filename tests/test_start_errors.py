"""Every row of the table of start errors recognizes what its library says, and the commands show it on one line."""

import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mujoco
import pytest
import safetensors.torch
import torch
from mcap.reader import make_reader

from zprl_cli import main
from zprl_core.host.start_error import StartError
from zprl_core.host.start_error_table import START_ERRORS
from zprl_core.host.start_errors import REPORT, explain, explain_text, known_error

# The words of libraries in states that a test cannot bring about: hardware, a full machine, another installation.
SAMPLES = (
    "RuntimeError: Failed opening file /root/.ros/log/python_1_2.log for writing: Permission denied",
    "Calculated port number is too high. Probably the domainId is over 232 or portBase is too high.",
    "InvalidNodeNameException: Invalid node name: node name must not contain characters other than letters",
    "UnsupportedTypeSupport: Could not import 'rosidl_typesupport_c' for package 'zprl_msgs'",
    "ImportError: cannot import name 'ArmStatus' from 'zprl_msgs.msg' (/ws/install/zprl_msgs/msg/__init__.py)",
    "ModuleNotFoundError: No module named 'rclpy'",
    "PackageNotFoundError: \"package 'zprl_msgs' not found, searching: ['/opt/other']\"",
    "ImportError: librcl_action.so: cannot open shared object file: No such file or directory",
    "RCLError: failed to create domain, error not set",
    "NetworkException: libfranka: Connection timeout",
    "IncompatibleVersionException: libfranka: Incompatible library version (server version: 8, library version: 9).",
    "RealtimeException: libfranka: unable to set realtime scheduling: Operation not permitted",
    "InvalidOperationException: libfranka: command not possible in the current mode",
    "ImportError: libusb-1.0.so.0: cannot open shared object file: No such file or directory",
    "RuntimeError: xioctl(VIDIOC_S_FMT) failed, errno=16 Last Error: Device or resource busy",
    "RuntimeError: failed to open usb interface: 0, error: RS2_USB_STATUS_ACCESS",
    "RuntimeError: Couldn't resolve requests",
    "AttributeError: 'NoneType' object has no attribute 'eglQueryString'",
    "ImportError: ('Unable to load OSMesa library', \"Could not find library libOSMesa.so\")",
    "FatalError: gladLoadGL error",
    "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    "OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.",
    "AssertionError: Torch not compiled with CUDA enabled",
    "RuntimeError: Found no NVIDIA driver on your system.",
    "OSError: libcublas.so.12: cannot open shared object file: No such file or directory",
    "ImportError: numpy.core.multiarray failed to import",
    "OperationalError: disk I/O error",
    "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp']",
    "OSError: [Errno 24] Too many open files",
    "RuntimeError: can't start new thread",
    "torch.distributed.DistStoreError: Timed out after 601 seconds waiting for clients. 1/2 clients joined.",
    "DistNetworkError: The server socket has failed to listen on any local network address. port: 29614, useIpv6: "
    "false, code: -98, name: EADDRINUSE, message: address already in use",
    "DistNetworkError: The client socket has timed out after 8000ms while trying to connect to (10.0.0.1, 29613).",
    "WorkerError: process 1 of pretraining: process 1 terminated with signal SIGKILL",
    "RuntimeError: [/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:537] Read error [10.0.0.2]:46472: Connection "
    "reset by peer.",
    "DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:94, remote process exited or there was a network error",
)


def lock(path: Path) -> None:
    with sqlite3.connect(path, isolation_level=None) as first:
        first.execute("BEGIN EXCLUSIVE")
        sqlite3.connect(path, timeout=0.0).execute("CREATE TABLE t (x)")


def fill(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA max_page_count = 2")
    db.execute("CREATE TABLE t (x)")
    db.executemany("INSERT INTO t VALUES (?)", [(bytes(4096),)] * 4)


def write_readonly(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE t (x)")
    sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute("INSERT INTO t VALUES (1)")


def read_text(path: Path) -> None:
    path.write_text("no database " * 100)
    sqlite3.connect(path).execute("SELECT * FROM t")


def start_camera(path: Path) -> None:
    pytest.importorskip("pyrealsense2").pipeline().start()


def connect_arm(path: Path) -> None:
    pytest.importorskip("franky").Robot("127.0.0.99")  # where nothing listens


RAISED: dict[str, Callable[[Path], object]] = {
    "the machine's memory is full": lambda path: torch.empty(1 << 48, dtype=torch.uint8),
    "a file of weights is damaged": lambda path: safetensors.torch.load(b"short"),
    "a recording is damaged": lambda path: make_reader(io.BytesIO(b"not a recording, but long enough")).get_summary(),
    "another program has the journal open": lock,
    "the disk is full": fill,
    "the journal cannot be written": write_readonly,
    "the journal is damaged": read_text,
    "a model file is wrong or missing": lambda path: mujoco.MjModel.from_xml_path(str(path)),
    "no RealSense is connected": start_camera,
    "the arm refuses the FCI": connect_arm,
    "this user has no home folder": lambda path: Path("~no-such-user-here/x").expanduser(),
}

# What a program says that starts with these variables, by the cause.
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "HOME is not set": {"HOME": ""},
    "ROS cannot write its logs": {"ROS_LOG_DIR": "/proc/none"},
    "RMW_IMPLEMENTATION names a middleware": {"RMW_IMPLEMENTATION": "rmw_of_another_workspace"},
    "ROS_DOMAIN_ID is not a number": {"ROS_DOMAIN_ID": "seven"},
    "ROS security is on": {"ROS_SECURITY_ENABLE": "true", "ROS_SECURITY_STRATEGY": "Enforce"},
    "MUJOCO_GL is not valid": {"MUJOCO_GL": "crayons"},
}
PROGRAMS = {
    "MUJOCO_GL is not valid": "import mujoco; mujoco.GLContext(8, 8)",
    "the parameter file is missing": "import rclpy; rclpy.init(args=['--ros-args', '--params-file', '/none.yaml'])",
    "an argument after --ros-args": "import rclpy; rclpy.init(args=['--ros-args', '-p', 'x'])",
}


@pytest.mark.parametrize("cause", RAISED)
def test_what_a_library_raises_is_explained(cause: str, tmp_path: Path) -> None:
    with pytest.raises(Exception) as raised:
        RAISED[cause](tmp_path / "file")
    words = explain(raised.value)
    assert words.startswith(cause) and "\n" not in words, words or repr(raised.value)


@pytest.mark.ros
@pytest.mark.parametrize("cause", [*ENVIRONMENTS, *sorted(set(PROGRAMS) - set(ENVIRONMENTS))])
def test_the_last_line_of_a_program_that_could_not_start_is_explained(cause: str) -> None:
    pytest.importorskip("rclpy")
    env = {**os.environ, **ENVIRONMENTS.get(cause, {})}
    env = {key: value for key, value in env.items() if value}
    program = PROGRAMS.get(cause, "import rclpy; rclpy.init(); rclpy.create_node('x')")
    ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=600)
    assert ended.returncode and cause in explain_text(ended.stderr.strip().splitlines()[-1]), ended.stderr


@pytest.mark.parametrize("known", START_ERRORS, ids=lambda known: known.pattern[:30])
def test_every_row_is_reached(known: StartError) -> None:
    reached = {row.cause for row in map(known_error, SAMPLES) if row is not None}
    assert known.cause in reached or any(
        known.cause.startswith(c) or c in known.cause for c in (*RAISED, *ENVIRONMENTS, *PROGRAMS)
    )


@pytest.mark.parametrize("text", SAMPLES)
def test_the_words_of_a_library_are_kept(text: str) -> None:
    assert text in explain_text(text) and "\n" not in explain_text(f"{text}\nand more")


def raising(error: Exception) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


def test_a_command_shows_one_line_for_a_known_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "_command", raising(RuntimeError("Found no NVIDIA driver on your system.")))
    with pytest.raises(SystemExit, match="2"):
        main._run()
    said = capsys.readouterr().err
    assert said.startswith("zprl: torch cannot use the GPU; nvidia-smi") and said.count("\n") == 1


def test_a_command_shows_everything_of_an_unknown_error_and_where_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "_command", raising(KeyError("beta")))
    with pytest.raises(SystemExit, match="1"):
        main._run()
    said = capsys.readouterr().err
    assert "Traceback" in said and "KeyError: 'beta'" in said and said.endswith(f"zprl: {REPORT}\n")
