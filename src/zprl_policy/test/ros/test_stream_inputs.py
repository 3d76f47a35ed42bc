"""Which messages of the observed streams are logged, and which states count as repeated, without a graph."""

from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState

from zprl_core.observation import TOOL, WIDTH
from zprl_core.observation_spec import arm_observation
from zprl_core.ros.conversions import time_from
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_core.streams.stream_gate import StreamGate
from zprl_policy.ros.stream_inputs import StreamInputs

pytestmark = pytest.mark.ros

CUBE = "cube"
SPEC = arm_observation((CUBE,))
STEP = 50_000_000


class Node:
    """As far as StreamInputs uses it; keeps what is logged."""

    def __init__(self) -> None:
        self.logged: list[str] = []

    def create_subscription(self, *_: Any, **__: Any) -> None:
        pass

    def get_logger(self) -> "Node":
        return self

    def warning(self, text: str, **_: Any) -> None:
        self.logged.append(text)


class Robot:
    """Sends states to inputs, and keeps what they report."""

    def __init__(self, lockstep: bool) -> None:
        self.node, self.states, self.repeated = Node(), [], []
        gate = StreamGate(StreamBuffer(SPEC), TOOL, lockstep)
        self.inputs = StreamInputs(self.node, gate, self.states.append, self._on_repeat)  # type: ignore[arg-type]

    def _on_repeat(self, stamp_ns: int, now_ns: int) -> None:
        self.repeated.append(stamp_ns)

    def send(self, k: int, cube: int | None = None, frame: str = "fr3_link0") -> None:
        """One state. `cube`: another number for the stamp of the cube."""
        joints = JointState(name=["finger_joint1"], position=[0.08])
        for name, message in ((TOOL, PoseStamped()), (WIDTH, joints), (CUBE, PoseStamped())):
            message.header.stamp = time_from((k if cube is None or name != CUBE else cube) * STEP)
            if isinstance(message, PoseStamped):
                message.header.frame_id = frame
                message.pose.orientation.w, message.pose.orientation.x = (0.0, 1.0) if name == TOOL else (1.0, 0.0)
            self.inputs.on_message([SPEC[name]], message)


def test_a_lockstep_state_that_waits_for_its_answer_is_not_logged_but_noted() -> None:
    robot = Robot(lockstep=True)
    for _ in range(3):
        robot.send(1)
    assert robot.node.logged == [] and robot.repeated == [STEP, STEP]
    assert robot.states == 9 * [STEP]  # each message may complete the state
    assert not [name for name in robot.inputs.health() if "repeated" in name]
    robot.send(2)
    assert robot.repeated == [STEP, STEP]


def test_in_lockstep_a_stream_that_keeps_its_stamp_is_missing_from_the_state() -> None:
    robot = Robot(lockstep=True)
    for _ in range(2):
        robot.send(2, cube=1)
    assert robot.repeated == [2 * STEP]
    assert robot.inputs.gate.buffer.missing(2 * STEP).startswith("objects/cube/pose has no sample with the state's")


def test_a_refused_state_of_a_lockstep_robot_is_logged_and_noted() -> None:
    robot = Robot(lockstep=True)
    robot.send(1, frame="")
    assert robot.repeated == [STEP] and any("arm/current_pose has no frame_id" in line for line in robot.node.logged)


def test_in_real_time_a_repeated_stamp_is_logged() -> None:
    robot = Robot(lockstep=False)
    for _ in range(2):
        robot.send(1)
    assert [line.split(",")[0] for line in robot.node.logged] == [
        f"{SPEC[name].topic} repeats a stamp" for name in (TOOL, WIDTH, CUBE)
    ]
    assert robot.repeated == [] and robot.inputs.health()["objects/cube/pose repeated"] == 1
