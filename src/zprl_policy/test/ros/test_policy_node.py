"""The policy node beside an arm that stops: what it commands, and what it says about it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from builtin_interfaces.msg import Time  # noqa: E402
from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from geometry_msgs.msg import PoseStamped, TransformStamped  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from tiny import tiny_base  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_core.deadline_timer import DeadlineTimer  # noqa: E402
from zprl_core.ros.conversions import ns_from, time_from  # noqa: E402
from zprl_core.ros.qos import STATE, STATUS  # noqa: E402
from zprl_msgs.msg import ArmCommand, ArmStatus, EpisodeEvent, PolicyStatus  # noqa: E402
from zprl_policy.ros.policy_node import PolicyNode  # noqa: E402

pytestmark = pytest.mark.ros

CUBE = "objects/cube/pose"
BEST_EFFORT = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
LATCHED = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def pose(topic: str) -> PoseStamped:
    message = PoseStamped()
    message.header.frame_id = "fr3_link0"
    q = message.pose.orientation
    q.x, q.w = (1.0, 0.0) if topic == "arm/current_pose" else (0.0, 1.0)
    return message


class Arm(Listener):
    """Says where it is and what it does, and hears the policy."""

    def __init__(self, domain: int) -> None:
        super().__init__(domain)
        self.shift_ns = 0  # of the arm's clock
        self.hear(ArmCommand, "arm/command", STATE)
        self.hear(PolicyStatus, "policy/status", STATUS)
        self.hear(DiagnosticArray, "/diagnostics", STATUS)
        topics = {"joint_states": JointState, "arm/current_pose": PoseStamped, CUBE: PoseStamped}
        quality = {CUBE: BEST_EFFORT}  # as a lab's own perception may publish
        self.states = {t: self.node.create_publisher(kind, t, quality.get(t, STATE)) for t, kind in topics.items()}
        self.frames = self.node.create_publisher(TFMessage, "/tf_static", LATCHED)
        self.says = self.node.create_publisher(ArmStatus, "arm/status", STATE)
        self.events = self.node.create_publisher(EpisodeEvent, "episode/event", LATCHED)

    def now_ns(self) -> int:
        return int(self.node.get_clock().now().nanoseconds) + self.shift_ns

    def live(self, mode: int, reason: str = "", change: Callable[[PoseStamped], None] = lambda m: None) -> None:
        """One control step. `change` is done to the message of the cube."""
        stamp = time_from(self.now_ns())
        for topic, publisher in self.states.items():
            message = JointState(name=["finger_joint1"], position=[0.08]) if topic == "joint_states" else pose(topic)
            message.header.stamp = stamp
            if topic == CUBE:
                change(message)
            publisher.publish(message)
        status = ArmStatus(mode=mode, reason=reason)
        status.header.stamp = stamp
        self.says.publish(status)
        self.spin(0.03)

    def start(self, episode: int = 0) -> None:
        event = EpisodeEvent(robot="robot", kind=EpisodeEvent.STARTED, episode=episode)
        event.header.stamp = time_from(self.now_ns())
        self.events.publish(event)

    def diagnostics(self) -> dict[str, str]:
        """The policy's newest values on /diagnostics."""
        heard = [s for m in self.heard["/diagnostics"] for s in m.status if s.name == "/policy"]
        return {value.key: value.value for value in heard[-1].values} if heard else {}

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
            listener.until(lambda: listener.policy().robot)
            yield listener
        finally:
            stop_node(policy)
            listener.close()


def test_the_ticks_follow_the_arms_states() -> None:
    node = object.__new__(PolicyNode)
    node._deadlines = DeadlineTimer(0.05, 0.0)
    arrived_s = time.monotonic()
    node._inputs = SimpleNamespace(newest_state_s=arrived_s)  # type: ignore[assignment]
    node._align(node._deadlines)
    assert (node._deadlines.next_s - arrived_s) % 0.05 == pytest.approx(0.0125, abs=1e-6)


def test_an_arm_in_fault_is_commanded_nothing_until_it_follows_again(arm: Arm) -> None:
    arm.start()
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


def optical(message: PoseStamped) -> None:
    message.header.frame_id = "front_color_optical_frame"


def nameless(message: PoseStamped) -> None:
    message.header.frame_id = ""


def unstamped(message: PoseStamped) -> None:
    message.header.stamp = time_from(0)


def behind(message: PoseStamped) -> None:
    message.header.stamp.sec -= 600


def turned_to_zero(message: PoseStamped) -> None:
    message.pose.orientation.w = 0.0


class Frozen:
    """One stamp, repeated for ever."""

    def __init__(self) -> None:
        self.stamp: Time | None = None

    def __call__(self, message: PoseStamped) -> None:
        self.stamp = self.stamp or message.header.stamp
        message.header.stamp = self.stamp


def test_whatever_is_wrong_with_a_labs_perception_is_said_and_counted(arm: Arm) -> None:
    """Each header of a cube's pose that is not usable: no command, a reason that names the topic, and counts."""
    faults: list[tuple[Callable[[PoseStamped], None], str, str]] = [
        (nameless, "objects/cube/pose has no frame_id", "frame"),
        (unstamped, "objects/cube/pose has no stamp", "stamp"),
        (behind, "objects/cube/pose is stamped 600.", "stamp"),
        (Frozen(), "objects/cube/pose repeats a stamp", "repeated"),
        (turned_to_zero, "of a pose has length 0 instead of 1", "content"),
        (optical, "is in frame 'front_color_optical_frame', the policy expects 'fr3_link0'", "frame"),
    ]
    assert arm.policy().hold_reason == "no episode is running"
    arm.start()
    for change, reason, cause in faults:
        steps = arm.policy().env_steps
        while arm.policy().env_steps < steps + 5:
            arm.live(ArmStatus.HOLD)
        while reason not in arm.policy().hold_reason:
            arm.live(ArmStatus.HOLD, change=change)
        held = arm.policy()
        while arm.policy().held_ticks < held.held_ticks + 5:
            arm.live(ArmStatus.HOLD, change=change)
        assert arm.policy().env_steps == held.env_steps
        while not int(arm.diagnostics().get(f"objects/cube/pose {cause}", "0")):
            arm.live(ArmStatus.HOLD, change=change)
    mount = TransformStamped(child_frame_id="front_color_optical_frame")
    mount.header.frame_id = "fr3_link0"
    arm.frames.publish(TFMessage(transforms=[mount]))
    steps = arm.policy().env_steps
    while arm.policy().env_steps < steps + 5:  # once tf knows the frame, the pose is used
        arm.live(ArmStatus.HOLD, change=optical)


def test_a_clock_set_back_by_an_hour_ends_the_episode_until_the_next(arm: Arm) -> None:
    """The arm's clock, which the test shifts instead of the machine's."""
    arm.start()
    while arm.policy().env_steps < 10:
        arm.live(ArmStatus.HOLD)
    arm.shift_ns = -3600 * 10**9
    while "the clock of arm/current_pose was set back by 3" not in arm.policy().hold_reason:
        arm.live(ArmStatus.HOLD)
    held = arm.policy()
    while arm.policy().held_ticks < held.held_ticks + 5:
        arm.live(ArmStatus.HOLD)
    assert arm.policy().env_steps == held.env_steps and "waits for the next one" in arm.policy().hold_reason
    arm.start(episode=1)
    while arm.policy().env_steps < held.env_steps + 10 or arm.policy().hold_reason:
        arm.live(ArmStatus.HOLD)
