"""Where the tool is, as a transform: what a camera on the hand hangs on."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fake_arm import HERE, JOINTS, PERIOD_S, FakeArm

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped, TransformStamped  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402
from tf2_msgs.msg import TFMessage  # noqa: E402

from listener import Listener  # noqa: E402
from zprl_control.report import Report  # noqa: E402
from zprl_control.ros.publishers import LATCHED, Publishers  # noqa: E402
from zprl_control.safety.guard import SafeCommand  # noqa: E402
from zprl_control.safety.limits import Limits  # noqa: E402
from zprl_control.session import ArmSession  # noqa: E402
from zprl_core.arm_mode import ArmMode  # noqa: E402
from zprl_core.arm_model import FR3, ArmModel  # noqa: E402
from zprl_core.deadline_timer import DeadlineTimer  # noqa: E402
from zprl_core.ros.conversions import ns_from  # noqa: E402
from zprl_core.ros.qos import STATE  # noqa: E402
from zprl_core.target import Target  # noqa: E402
from zprl_msgs.msg import ArmStatus  # noqa: E402

pytestmark = pytest.mark.ros
DOMAIN = 70 + os.getpid() % 10
STAMP_NS = 7_000_000_500


class ArmHarness(Listener):
    """The publishers of an arm, and somebody who hears them; `tell` is one control step."""

    def __init__(self, model: ArmModel = FR3, publishes_tool: bool = True) -> None:
        super().__init__(DOMAIN)
        self.hear(JointState, "joint_states", STATE)
        self.hear(TFMessage, "/tf", STATE)
        self.hear(TFMessage, "/tf_static", LATCHED)
        self.hear(PoseStamped, "arm/current_pose", STATE)
        outputs, arm = Publishers(self.node, model, publishes_tool), FakeArm()
        session, deadlines = ArmSession(arm, Limits(), PERIOD_S), DeadlineTimer(PERIOD_S, 0.0)
        self.hear(ArmStatus, "arm/status", STATE)
        self.report = Report(ArmMode.HOLD, "", arm.read())
        self.tell: Callable[[], None] = lambda: outputs.publish(STAMP_NS, self.report, session, deadlines)

    def steps(self, condition: Callable[[], bool]) -> None:
        """Control steps until the condition holds."""
        self.until(lambda: (self.tell(), condition())[1])


@pytest.fixture
def lab() -> Iterator[ArmHarness]:
    lab = ArmHarness()
    yield lab
    lab.close()


def test_the_tool_is_a_frame(lab: ArmHarness) -> None:
    """At (0.45, 0, 0.2), the hand straight down: half a turn about x."""
    heard = lab.heard
    lab.steps(lambda: bool(heard["/tf"] and heard["arm/current_pose"]))
    (message,), pose = heard["/tf"][-1].transforms, heard["arm/current_pose"][-1]
    assert (message.header.frame_id, message.child_frame_id) == ("fr3_link0", "fr3_hand_tcp")
    assert ns_from(message.header.stamp) == ns_from(pose.header.stamp) == STAMP_NS
    shift, turn = message.transform.translation, message.transform.rotation
    assert (shift.x, shift.y, shift.z) == (0.45, 0.0, 0.2)
    assert turn == pose.pose.orientation and abs(turn.x) == pytest.approx(1.0)


@pytest.mark.parametrize("joints", [None, JOINTS])
def test_the_status_holds_the_joints_that_were_sent_and_none_with_a_pose(
    lab: ArmHarness, joints: tuple[float, ...] | None
) -> None:
    lab.report = replace(lab.report, command=SafeCommand(Target(HERE, 0.03, joints)))
    lab.steps(lambda: bool(lab.heard["arm/status"]))
    status = lab.heard["arm/status"][-1]
    assert tuple(status.executed_joints) == (joints or ()) and status.executed_width == 0.03
    assert status.executed_target.position.x == 0.45


def test_another_arm_has_its_own_names() -> None:
    joints = tuple("abcdefg")
    model = replace(FR3, base_frame="base_link", tool_frame="tool0", joints=joints)
    lab = ArmHarness(model, publishes_tool=False)
    try:
        lab.steps(lambda: len(lab.heard["arm/current_pose"]) >= 3)
        message = lab.heard["joint_states"][-1]
        assert tuple(message.name) == (*joints, *model.fingers) and len(message.position) == 9
        assert message.header.frame_id == lab.heard["arm/current_pose"][-1].header.frame_id == "base_link"
        assert lab.heard["/tf"] == []
    finally:
        lab.close()


def test_a_tool_that_somebody_else_describes_has_no_second_parent(lab: ArmHarness) -> None:
    """As robot_state_publisher does with a robot's description. A camera's transform changes nothing."""
    others = lab.node.create_publisher(TFMessage, "/tf_static", LATCHED)
    others.publish(TFMessage(transforms=[TransformStamped(child_frame_id="wrist_color_optical_frame")]))
    lab.steps(lambda: bool(lab.heard["/tf_static"]))
    lab.heard["/tf"].clear()
    lab.steps(lambda: len(lab.heard["/tf"]) >= 3)
    others.publish(TFMessage(transforms=[TransformStamped(child_frame_id="fr3_hand_tcp")]))

    def silent() -> bool:
        """No transform with five poses."""
        heard = lab.heard
        if len(heard["arm/current_pose"]) < 5:
            return False
        transforms = len(heard["/tf"])
        heard["/tf"].clear()
        heard["arm/current_pose"].clear()
        return transforms == 0

    lab.steps(silent)
