"""The arm node from outside, over the arm that MuJoCo simulates: hands, stops, cameras, the motion to the start."""

import math
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from action_msgs.msg import GoalStatus  # noqa: E402
from geometry_msgs.msg import TwistStamped, WrenchStamped  # noqa: E402
from lifecycle_msgs.msg import Transition  # noqa: E402
from lifecycle_msgs.srv import ChangeState  # noqa: E402
from rclpy.action import ActionClient  # noqa: E402
from rclpy.qos import qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import CameraInfo, JointState  # noqa: E402
from std_msgs.msg import Bool, String  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_control.ros.publishers import pose_message  # noqa: E402
from zprl_core.arms.fr3 import urdf  # noqa: E402
from zprl_core.ros.qos import LATCHED, STATE  # noqa: E402
from zprl_msgs.action import MoveToStart  # noqa: E402
from zprl_msgs.msg import ArmCommand, ArmStatus, Teleop  # noqa: E402
from zprl_msgs.srv import Reset  # noqa: E402

pytestmark = pytest.mark.ros

DOMAIN = 70 + os.getpid() % 10
NODE = "from zprl_sim.ros.mujoco_arm_node import main; main()"


class ArmHarness(Listener):
    """Everything around the arm."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)
        self.clients: dict[str, Any] = {}
        self.hear(ArmStatus, "arm/status", STATE)
        self.hear(JointState, "joint_states", STATE)
        self.hear(WrenchStamped, "arm/external_wrench", STATE)
        self.commands = self.node.create_publisher(ArmCommand, "arm/command", STATE)
        self.hand = self.node.create_publisher(Teleop, "teleop", STATE)
        self.twists = self.node.create_publisher(TwistStamped, "arm/target_twist", STATE)
        self.button = self.node.create_publisher(Bool, "arm/estop", 10)
        self.camera = self.node.create_publisher(CameraInfo, "camera/front/color/camera_info", qos_profile_sensor_data)
        self.motion = ActionClient(self.node, MoveToStart, "arm/move_to_start")

    @property
    def status(self) -> ArmStatus:
        return self.heard["arm/status"][-1]

    def reaches(self, mode: int, doing: Callable[[], None] = lambda: None) -> ArmStatus:
        """Until the arm is in this mode, doing something all the while."""
        self.heard["arm/status"].clear()

        def there() -> bool:
            doing()
            return bool(self.heard["arm/status"]) and self.status.mode == mode

        self.until(there)
        return self.status

    def ask(self, service: str, kind: Any = Trigger, request: Any = None) -> Any:
        if service not in self.clients:  # a client that is new may miss its first answer
            self.clients[service] = self.node.create_client(kind, service)
            self.until(self.clients[service].service_is_ready)
            self.spin(0.2)
        client = self.clients[service]
        answer = client.call_async(request or kind.Request())
        self.until(answer.done)
        return answer.result()

    def touch(self, **what: Any) -> None:
        message = Teleop(device="keyboard", touched=True, enabled=True, **what)
        message.twist.linear.z = -0.05
        self.hand.publish(message)

    def command(self) -> None:
        self.camera.publish(CameraInfo())
        self.commands.publish(
            ArmCommand(target=pose_message((0.45, 0.05, 0.2, 0.0, 0.0, 0.0)), gripper_width=0.04, source="policy")
        )


@pytest.fixture(scope="module")
def lab() -> Iterator[ArmHarness]:
    process = start_node(
        DOMAIN, ["-c", NODE], "enable_at_start:=true", "scene_resets:=true", "cameras:=['front']", "scene.task:=lift"
    )
    lab = ArmHarness()
    try:
        lab.reaches(ArmStatus.HOLD)
        yield lab
    finally:
        lab.close()
        assert stop_node(process) == 0


def test_a_late_listener_gets_the_robot_description(lab: ArmHarness) -> None:
    lab.hear(String, "robot_description", LATCHED)
    lab.until(lambda: lab.heard["robot_description"])
    assert lab.heard["robot_description"][0].data == urdf()


def test_a_policy_is_followed_while_the_camera_is_alive(lab: ArmHarness) -> None:
    status = lab.reaches(ArmStatus.STREAM, lab.command)
    assert status.source == "policy" and not status.person
    lab.until(lambda: lab.heard["joint_states"] and lab.heard["arm/external_wrench"])
    assert len(lab.heard["joint_states"][-1].position) == 9

    def blind() -> bool:  # a machine that stands still makes the policy silent first
        lab.commands.publish(ArmCommand(target=pose_message((0.45, 0.05, 0.2, 0.0, 0.0, 0.0)), source="policy"))
        return lab.status.mode == ArmStatus.HOLD and "camera front has been silent" in lab.status.reason

    lab.until(blind)


def test_a_policy_commands_joints_and_the_status_says_which_were_sent(lab: ArmHarness) -> None:
    begun = list(lab.heard["joint_states"][-1].position[:7])
    goal = [*begun[:6], begun[6] + 0.1]

    def command() -> None:
        lab.camera.publish(CameraInfo())
        lab.commands.publish(ArmCommand(joints=goal, gripper_width=math.nan, source="policy"))

    there = lambda: abs(lab.heard["joint_states"][-1].position[6] - goal[6]) < 0.01  # noqa: E731
    lab.until(lambda: (command(), there() and bool(lab.status.executed_joints))[1])
    assert list(lab.status.executed_joints) == pytest.approx(goal, abs=0.05) and lab.status.source == "policy"
    lab.reaches(ArmStatus.STREAM, lab.command)  # by its tool again
    lab.until(lambda: (lab.command(), not lab.status.executed_joints)[1])


def test_a_hand_takes_over_and_the_policy_is_told(lab: ArmHarness) -> None:
    lab.reaches(ArmStatus.STREAM, lab.command)
    lab.until(lambda: (lab.command(), lab.touch(gripper=-1)) and lab.status.person)
    assert lab.status.source == "teleop/keyboard" and lab.status.executed_width == 0.0
    lab.reaches(ArmStatus.HOLD)  # the hand lets go: no fault, whatever time passes
    lab.spin(1.5)
    assert lab.status.mode == ArmStatus.HOLD and not lab.status.person


def test_a_tool_commands_too_and_its_silence_is_a_fault(lab: ArmHarness) -> None:
    def push() -> None:
        lab.camera.publish(CameraInfo())
        message = TwistStamped()
        message.twist.linear.z = 0.02
        lab.twists.publish(message)

    assert lab.reaches(ArmStatus.STREAM, push).source == "target_twist"
    assert "target_twist has been silent" in lab.reaches(ArmStatus.FAULT).reason
    assert "recover it first" in lab.ask("arm/enable").message
    assert lab.ask("arm/recover").success and lab.ask("arm/enable").success
    assert lab.ask("arm/arm").success  # the old name
    lab.reaches(ArmStatus.HOLD)


def test_the_motion_to_the_start_tells_how_far_it_is(lab: ArmHarness) -> None:
    told: list[float] = []
    lab.until(lab.motion.server_is_ready)
    sent = lab.motion.send_goal_async(MoveToStart.Goal(), lambda f: told.append(f.feedback.progress))
    lab.until(sent.done)
    result = sent.result().get_result_async()
    lab.until(result.done)
    assert result.result().result.success and told == sorted(told) and 0.0 <= told[0] <= 1.0
    assert lab.reaches(ArmStatus.HOLD).reason == ""


def test_the_motion_to_the_start_can_be_cancelled(lab: ArmHarness) -> None:
    move_away(lab)
    sent = lab.motion.send_goal_async(MoveToStart.Goal())
    lab.until(sent.done)
    lab.reaches(ArmStatus.RESET)
    second = lab.motion.send_goal_async(MoveToStart.Goal())
    lab.until(second.done)
    assert not second.result().accepted  # one at a time
    lab.until(sent.result().cancel_goal_async().done)
    result = sent.result().get_result_async()
    lab.until(result.done)
    assert result.result().status == GoalStatus.STATUS_CANCELED and not result.result().result.success
    assert lab.reaches(ArmStatus.HOLD).mode == ArmStatus.HOLD


def test_a_reset_moves_arm_and_scene(lab: ArmHarness) -> None:
    request = Reset.Request(seed=7)
    answer = lab.ask("reset", Reset, request)
    assert answer.pending and not answer.success
    while answer.pending:
        lab.spin(0.2)
        answer = lab.ask("reset", Reset, request)
    assert answer.success and answer.stamp.sec > 0, answer.message


def test_the_emergency_stop_is_a_topic_too_and_releasing_it_is_not(lab: ArmHarness) -> None:
    lab.reaches(ArmStatus.ESTOP, lambda: lab.button.publish(Bool(data=True)))
    lab.button.publish(Bool(data=False))
    lab.spin(0.3)
    assert lab.status.mode == ArmStatus.ESTOP and "release" in lab.ask("arm/recover").message
    for service in ("arm/release", "arm/recover", "arm/enable"):
        assert lab.ask(service).success
    assert lab.reaches(ArmStatus.HOLD).reason == ""


def test_a_motion_that_cannot_be_says_why(lab: ArmHarness) -> None:
    lab.ask("arm/stop")
    sent = lab.motion.send_goal_async(MoveToStart.Goal())
    lab.until(sent.done)
    result = sent.result().get_result_async()
    lab.until(result.done)
    assert result.result().status == GoalStatus.STATUS_ABORTED and "enable it first" in result.result().result.message
    assert lab.ask("arm/enable").success


def move_away(lab: ArmHarness) -> None:
    """By hand, so far that the way back takes a while."""
    lab.reaches(ArmStatus.STREAM, lab.touch)
    for _ in range(40):
        lab.touch()
        lab.spin(0.05)
    lab.reaches(ArmStatus.HOLD)


def test_a_node_that_is_deactivated_aborts_the_motion_to_the_start(lab: ArmHarness) -> None:
    move_away(lab)
    sent = lab.motion.send_goal_async(MoveToStart.Goal())
    lab.until(sent.done)
    lab.reaches(ArmStatus.RESET)
    request = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_DEACTIVATE))
    assert lab.ask("mujoco/change_state", ChangeState, request).success
    result = sent.result().get_result_async()
    lab.until(result.done)
    assert result.result().status == GoalStatus.STATUS_ABORTED and "stopped" in result.result().result.message
    request = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_ACTIVATE))
    assert lab.ask("mujoco/change_state", ChangeState, request).success
    lab.reaches(ArmStatus.IDLE)
    assert lab.ask("arm/enable").success
    lab.reaches(ArmStatus.HOLD)


def test_a_node_that_is_deactivated_lets_the_arm_go(lab: ArmHarness) -> None:
    for change in (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_ACTIVATE):
        request = ChangeState.Request(transition=Transition(id=change))
        assert lab.ask("mujoco/change_state", ChangeState, request).success
        if change == Transition.TRANSITION_DEACTIVATE:
            assert "is not active" in lab.ask("arm/enable").message
    lab.reaches(ArmStatus.IDLE)
    assert lab.ask("arm/enable").success
    lab.reaches(ArmStatus.HOLD)


def test_a_node_leaves_no_shared_memory_behind(lab: ArmHarness) -> None:
    """Each segment is of 35 MB: a lab that starts its nodes often would run out of memory."""
    process = start_node(DOMAIN + 100, ["-c", NODE])
    segment = re.compile(r"/dev/shm/fastdds_(?!port)\w+")
    mapped: set[str] = set()
    while not mapped and process.poll() is None:
        time.sleep(0.2)
        mapped = set(segment.findall(Path(f"/proc/{process.pid}/maps").read_text()))
    assert mapped and stop_node(process) == 0
    assert [path for path in mapped if Path(path).exists()] == []


def test_parameters_that_cannot_be_end_with_exit_code_2() -> None:
    process = start_node(DOMAIN, ["-c", NODE], "control_rate:=10.0")
    assert process.wait(600) == 2
    assert "needs a control_rate of 20 Hz" in process.communicate()[1]
