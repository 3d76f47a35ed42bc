"""The doors of ROS itself: its own reading of messages, and parameters.

Messages are read in a process of their own: what they do wrong there ends the whole process.
"""

import array
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image, JointState

from fuzz_target import Enter, FuzzTarget, Result, peak_bytes, shown
from mutators import mutate, words
from zprl_core.config.flatten import flatten
from zprl_core.ros import parameters
from zprl_learner.settings import LearnerSettings
from zprl_msgs import msg
from zprl_policy.settings import PolicySettings

KINDS = (
    msg.ActorWeights, msg.ReplayAck, msg.JournalStatus, msg.EpisodeEvent, msg.ArmCommand, msg.LearnerStatus,
    msg.PolicyStatus, msg.ArmStatus, msg.SuccessDetection, msg.Transition, JointState, Image,
)  # fmt: skip
TYPED = "messages as rclpy reads them"
LIMIT = 2 << 30  # bytes of address space that one child may take beyond what it has


def reads_beyond(data: bytes) -> bool:
    """Nothing behind the header, and a header that claims padding: Fast CDR reads outside of its buffer there."""
    return len(data) == 4 and data[3] & 3 != 0


def filled(kind: Any) -> bytes:
    """A message with something in each of its strings and sequences."""
    message = kind()
    for name, text in kind.get_fields_and_field_types().items():
        if text.startswith("string"):
            setattr(message, name, "abc")
        elif text.startswith("sequence<uint8"):
            setattr(message, name, array.array("B", b"some bytes"))
        elif text.startswith("sequence<string"):
            setattr(message, name, ["finger_joint1", "b"])
        elif text.startswith("sequence<"):
            setattr(message, name, [1.0, 2.0, 3.0] if "float" in text or "double" in text else [1, 2, 3])
    return bytes(serialize_message(message))


def fuzz_typed(inputs: int, base_seed: int) -> Result:
    """Like `target.knock`. A child that ends early is replaced, and what it was given counts as a crash."""
    result, samples, begin = Result(), {kind: [filled(kind)] for kind in KINDS}, time.monotonic()

    def drawn(k: int) -> tuple[Any, bytes]:
        rng = Random(f"{base_seed}/{TYPED}/{k}")
        kind = rng.choice(KINDS)
        return kind, mutate(rng, samples[kind])

    while result.inputs < inputs:
        first = result.inputs
        words_, status = _in_a_child(lambda say, first=first: _read_all(drawn, first, inputs, say))  # type: ignore[misc]
        done = [json.loads(line) for line in words_]
        result.inputs += len(done)
        result.refused += sum(word["refused"] for word in done)
        result.crashes += [word["wrong"] for word in done if word["wrong"]]
        result.grown = max([result.grown, *(word["grown"] for word in done)])
        if result.inputs < inputs:  # it died of the next one
            kind, data = drawn(result.inputs)
            result.inputs += 1
            result.crashes.append(f"{base_seed}/{TYPED}/{first}: status {status} from {kind.__name__}: {shown(data)}")
    result.seconds = time.monotonic() - begin
    return result


def _read_all(drawn: Callable[[int], tuple[Any, bytes]], first: int, inputs: int, say: Callable[[str], None]) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + LIMIT, resource.RLIM_INFINITY))
    before = peak_bytes()
    for k in range(first, inputs):
        kind, data = drawn(k)
        refused, wrong = False, ""
        try:
            refused = reads_beyond(data) or not isinstance(deserialize_message(data, kind), kind)
        except Exception as error:
            refused = type(error).__name__ == "RMWError"
            wrong = "" if refused else f"{TYPED}/{k}: {error!r} from {kind.__name__}: {shown(data)}"
        say(json.dumps({"refused": refused, "wrong": wrong, "grown": peak_bytes() - before}))


def _in_a_child(work: Callable[[Callable[[str], None]], None]) -> tuple[list[str], int]:
    """The lines that a child says, and its exit status."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            work(lambda line: _write(writer, line))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read().splitlines()
    return said, os.waitpid(child, 0)[1]


def _write(handle: int, line: str) -> None:
    os.write(handle, line.encode() + b"\n")


class _Parameters:
    """Of a node: its values, whatever they are. All that is given is declared."""

    def __init__(self, values: dict[str, Any]):
        self.values = self._parameter_overrides = values

    def get_parameters_by_prefix(self, prefix: str) -> dict[str, Any]:
        return self.values

    def get_parameter(self, name: str) -> Any:
        return type("Parameter", (), {"value": self.values[name]})


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.integers(-3, 3), st.floats(), words,
    st.lists(st.integers(0, 9), max_size=3), st.sampled_from(["latent", "finetune", "hold", "nothing"]),
)  # fmt: skip
given_values = st.dictionaries(
    st.sampled_from([*flatten(PolicySettings()), *flatten(LearnerSettings())]), values, min_size=1, max_size=3
)


def _reading(folder: Path) -> Enter:
    def enter(changed: dict[str, Any]) -> bool:
        for kind in (PolicySettings, LearnerSettings):
            settings = parameters.read(_Parameters(flatten(kind()) | changed), kind, kind())  # type: ignore[arg-type]
            if isinstance(settings, PolicySettings):
                settings.start_mode  # noqa: B018
        return False

    return enter


ROS_TARGETS = (FuzzTarget("parameters", 0.02, given_values, _reading, (ValueError,)),)
