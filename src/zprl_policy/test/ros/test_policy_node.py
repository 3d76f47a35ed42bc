"""The policy node beside an arm that stops: what it commands, and what it says about it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from tiny import tiny_base  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_core.deadline_timer import DeadlineTimer  # noqa: E402
from zprl_core.observation_spec import arm_observation  # noqa: E402
from zprl_core.ros.conversions import ns_from, time_from  # noqa: E402
from zprl_core.ros.qos import STATE, STATUS  # noqa: E402
from zprl_core.stream_buffer import StreamBuffer  # noqa: E402
from zprl_msgs.msg import ArmCommand, ArmStatus, EpisodeEvent, PolicyStatus  # noqa: E402
from zprl_policy.ros.policy_node import PolicyNode  # noqa: E402

pytestmark = pytest.mark.ros

LATCHED = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Arm(Listener):
    """Says where it is and what it does, and hears the policy."""

    def __init__(self, domain: int) -> None:
        super().__init__(domain)
        self.hear(ArmCommand, "arm/command", STATE)
        self.hear(PolicyStatus, "policy/status", STATUS)
        topics = {"joint_states": JointState, "arm/current_pose": PoseStamped, "objects/cube/pose": PoseStamped}
        self.states = {t: self.node.create_publisher(kind, t, STATE) for t, kind in topics.items()}
        self.says = self.node.create_publisher(ArmStatus, "arm/status", STATE)
        self.events = self.node.create_publisher(EpisodeEvent, "episode/event", LATCHED)

    def now_ns(self) -> int:
        return int(self.node.get_clock().now().nanoseconds)

    def live(self, mode: int, reason: str = "") -> None:
        """One control step."""
        stamp = time_from(self.now_ns())
        for topic, publisher in self.states.items():
            message = PoseStamped() if topic != "joint_states" else JointState(name=["finger_joint1"], position=[0.08])
            message.header.stamp = stamp
            publisher.publish(message)
        status = ArmStatus(mode=mode, reason=reason)
        status.header.stamp = stamp
        self.says.publish(status)
        self.spin(0.03)

    def policy(self) -> PolicyStatus:
        said = self.heard["policy/status"]
        return said[-1] if said else PolicyStatus()


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Arm]:
    tiny_base(tmp_path / "base")
    with own_domain() as domain:
        policy = start_node(domain, ["-m", "zprl_policy.ros.policy_node"], f"base:={tmp_path / 'base'}")
        listener = Arm(domain)
        try:
            listener.until(lambda: listener.policy().robot, 60.0)
            yield listener
        finally:
            stop_node(policy)
            listener.close()


def test_the_clock_follows_the_arm_and_no_other_stream() -> None:
    node = object.__new__(PolicyNode)
    node.active, node._deadlines, node._newest_state_s = False, DeadlineTimer(0.05, 0.0), 0.0
    spec = arm_observation(("cube",))
    node.runner, node._clock_stream = SimpleNamespace(streams=StreamBuffer(spec)), "tool"  # type: ignore[assignment]
    node._on_sample((spec["width"],), JointState(name=["fr3_finger_joint1"], position=[0.0]))
    node._on_sample((spec["cube"],), PoseStamped())
    assert node._newest_state_s == 0.0
    node._on_sample((spec["tool"],), PoseStamped())
    assert node._newest_state_s > 0.0
    node._align(node._deadlines)
    phase = (node._deadlines.next_s - node._newest_state_s) % 0.05
    assert phase == pytest.approx(0.0125, abs=1e-6)


@pytest.mark.timeout(180)
def test_an_arm_in_fault_is_commanded_nothing_until_it_follows_again(arm: Arm) -> None:
    event = EpisodeEvent(robot="robot", kind=EpisodeEvent.STARTED)
    event.header.stamp = time_from(arm.now_ns())
    arm.events.publish(event)
    while arm.policy().env_steps < 10:
        arm.live(ArmStatus.HOLD)
    while "FAULT" not in arm.policy().hold_reason:
        arm.live(ArmStatus.FAULT, "pushed with 41 N")
    stopped = arm.policy()
    assert stopped.hold_reason == "the arm is in FAULT: pushed with 41 N"
    while arm.policy().held_ticks < stopped.held_ticks + 20:
        arm.live(ArmStatus.FAULT, "pushed with 41 N")
    since = ns_from(stopped.header.stamp)
    assert all(ns_from(c.header.stamp) < since for c in arm.heard["arm/command"])
    assert arm.policy().env_steps == stopped.env_steps
    while arm.policy().env_steps < stopped.env_steps + 10 or arm.policy().hold_reason:
        arm.live(ArmStatus.HOLD)
    assert any(ns_from(c.header.stamp) > since for c in arm.heard["arm/command"])
