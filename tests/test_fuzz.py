"""The short version of benchmarks/fuzz.py: no malformed message or file gets past its door, or breaks it."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rclpy.serialization import deserialize_message

from arm_fuzz_targets import ARM_TARGETS
from bag_fuzz_targets import BAG_TARGETS
from command_fuzz_targets import COMMAND_TARGETS
from file_fuzz_targets import FILE_TARGETS
from fuzz_shares import shares
from fuzz_target import FuzzTarget, fuzz, limited_memory
from message_fuzz_targets import MESSAGE_TARGETS
from record_fuzz_targets import RECORD_TARGETS
from ros_fuzz_targets import KINDS, ROS_TARGETS, filled, fuzz_typed, reads_beyond
from zprl_core.errors import USER_ERROR

TARGETS = (*MESSAGE_TARGETS, *COMMAND_TARGETS, *ROS_TARGETS, *FILE_TARGETS, *RECORD_TARGETS, *BAG_TARGETS, *ARM_TARGETS)
SHARES = shares(TARGETS, 3000)
MOST_MEMORY = 200e6  # bytes; measured: at most 14e6


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    with limited_memory():
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name.replace(" ", "-"))
def test_malformed_inputs_are_refused(target: FuzzTarget) -> None:
    result = fuzz(target, SHARES[target.name], base_seed=1)
    assert result.crashes == []
    assert result.inputs == SHARES[target.name] and result.refused > 0
    assert result.grown < MOST_MEMORY


def test_rclpy_refuses_malformed_messages() -> None:
    result = fuzz_typed(1000, base_seed=1)
    assert result.crashes == []
    assert 100 < result.refused < 1000 and result.grown < MOST_MEMORY


def busy() -> None:
    while True:
        pass


@pytest.mark.parametrize(("hang", "limit"), [(busy, "HANG_S"), (signal.pause, "BLOCKED_S")], ids=["busy", "blocked"])
def test_the_watch_sees_a_crash_a_hang_and_a_greedy_one(
    hang: Callable[[], object], limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"fuzz_target.{limit}", 0.05)

    def open_(folder: Path):
        def enter(data: bytes) -> bool:
            kind = data[0] % 4
            if kind == 0:
                raise KeyError("x")
            if kind == 1:
                hang()
            if kind == 2:
                bytearray(1 << 40)
            raise ValueError("an error that names cause and remedy")

        return enter

    result = fuzz(FuzzTarget("bad", 1.0, TARGETS[-2].inputs, open_, (ValueError,)), 40, 0)
    found = {crash.split(": ")[1] for crash in result.crashes}
    assert found == {"KeyError", "Hang", "MemoryError"} and 0 < result.refused < 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_ends_a_process_in_fast_cdr_is_only_this(kind: type) -> None:
    """A header that claims padding, and nothing behind it. With anything behind it, it is refused."""
    assert reads_beyond(bytes.fromhex("00010001")) and not reads_beyond(filled(kind))
    for tail in (b"\0", b"\xff", bytes(7)):
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                deserialize_message(bytes.fromhex("00010003") + tail, kind)
            except Exception:
                os._exit(1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (0, 1)


@pytest.mark.ros
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("seed:=abc", "seed"), ("control_rate:=.nan", "control_rate"), ("mode:=sideways", "mode"),
        ("task:=lift", "base is not given"),
    ],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_ends_a_node_with_one_line(given: str, words: str) -> None:
    command = [sys.executable, "-m", "zprl_policy.ros.policy_node", "--ros-args", "-p", given]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ended.returncode == USER_ERROR
    assert words in ended.stderr and "Traceback" not in ended.stderr
