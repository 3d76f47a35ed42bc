"""The arm node over the ros2_control driver against simulated controllers: every interface, from outside."""

import os
from collections.abc import Iterator

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("control_msgs", reason="the workspace is not built: make build")
pytest.importorskip("trajectory_msgs", reason="ROS 2 has no trajectory_msgs: make setup")
pytest.importorskip("mujoco")

from std_srvs.srv import SetBool  # noqa: E402

from controllers_harness import ARM, ControllersHarness, controllers_harness  # noqa: E402
from listener import start_node  # noqa: E402
from zprl_core.arm_model import FR3  # noqa: E402
from zprl_msgs.msg import ArmStatus  # noqa: E402
from zprl_msgs.srv import Reset  # noqa: E402

pytestmark = pytest.mark.ros

DOMAIN = 1 + os.getpid() % 9
FORWARD = ("ros2_control.urdf_source:=topic", "ros2_control.gripper:=gripper_command")
TRAJECTORY = (
    "ros2_control.command_interface:=joint_trajectory",
    "ros2_control.controller:=/joint_trajectory_controller",
    "ros2_control.urdf_source:=topic",
    "ros2_control.tool_source:=urdf",
    "ros2_control.gripper:=parallel_gripper_command",
)
CARTESIAN = (
    "ros2_control.command_interface:=cartesian",
    "ros2_control.tool_source:=pose_topic",
    "ros2_control.gripper:=gripper_command",
)
HOME = FR3.home


@pytest.fixture(scope="module")
def forward() -> Iterator[ControllersHarness]:
    yield from controllers_harness(DOMAIN, (), FORWARD)


def test_forward_position_follows_and_grips(forward: ControllersHarness) -> None:
    forward.enable()
    forward.drives_to(0.0)
    assert forward.status.mode == ArmStatus.STREAM and forward.status.source == "policy"
    forward.drives_to(0.08)


def test_a_reset_moves_joints_and_opens_the_gripper(forward: ControllersHarness) -> None:
    answer = forward.ask("/zprl/reset", Reset)
    while answer.pending:
        forward.spin(0.2)
        answer = forward.ask("/zprl/reset", Reset)
    assert answer.success, answer.message
    assert list(forward.joints) == pytest.approx(HOME, abs=0.03)
    assert forward.width > 0.07


def test_commands_in_joints_are_followed_and_kept_in_the_workspace(forward: ControllersHarness) -> None:
    """Joint 2 leans the arm forward: out of the workspace, long before it is at the command."""
    near, outside = (0.1, *HOME[1:]), (0.1, HOME[1] + 0.4, *HOME[2:])
    forward.drives_joints_to(near)
    assert list(forward.status.executed_joints) == pytest.approx(near, abs=0.02)
    heard = forward.heard["/zprl/arm/status"]
    heard.clear()

    def kept() -> bool:
        forward.command_joints(outside)
        return any("outside" in status.reason for status in heard)

    forward.until(kept)
    assert forward.pose.pose.position.x < 0.67
    forward.drives_joints_to(near)


def test_an_inactive_controller_stops_the_arm(forward: ControllersHarness) -> None:
    assert forward.ask("/controllers/set_active", SetBool, SetBool.Request(data=False)).success
    heard = forward.heard["/zprl/arm/status"]
    heard.clear()

    def stopped() -> bool:
        forward.command(0.08)
        return bool(heard) and heard[-1].mode == ArmStatus.FAULT

    forward.until(stopped)
    assert "stood still" in heard[-1].reason and "list_controllers" in heard[-1].reason
    assert forward.ask("/controllers/set_active", SetBool, SetBool.Request(data=True)).success
    assert forward.ask("/zprl/arm/recover").success
    forward.enable()
    forward.drives_to(0.08)


def test_controllers_that_die_are_a_fault_and_come_back(forward: ControllersHarness) -> None:
    heard = forward.heard["/zprl/arm/status"]
    forward.controllers.kill()
    heard.clear()

    def lost() -> bool:
        forward.command(0.08)
        return bool(heard) and heard[-1].mode == ArmStatus.DISCONNECTED

    forward.until(lost)
    fault = next(status for status in heard if status.mode == ArmStatus.FAULT)
    assert "no controller subscribes" in fault.reason or "has been silent" in fault.reason
    assert "has been silent" in heard[-1].reason
    forward.restart_controllers()
    forward.enable()
    forward.drives_to(0.0)


@pytest.mark.parametrize(
    ("number", "controllers", "arm"),
    [
        (1, ("controller:=joint_trajectory", "gripper:=parallel_gripper_command"), TRAJECTORY),
        (2, ("controller:=cartesian",), CARTESIAN),
    ],
    ids=["joint_trajectory", "cartesian"],
)
def test_other_interfaces_follow_and_grip(number: int, controllers: tuple[str, ...], arm: tuple[str, ...]) -> None:
    for harness in controllers_harness(DOMAIN + number, controllers, arm):
        harness.enable()
        harness.drives_to(0.0)
        answer = harness.ask("/zprl/reset", Reset)
        while answer.pending:
            harness.spin(0.2)
            answer = harness.ask("/zprl/reset", Reset)
        assert answer.success, answer.message


def test_a_joint_name_that_does_not_exist_is_told_with_the_one_that_was_meant() -> None:
    joints = "['fr3_joint1', 'fr3_joint2', 'fr3_joint3', 'fr3_joint4', 'fr3_joint5', 'fr3_joint6', 'fr3_jiont7']"
    for harness in controllers_harness(DOMAIN + 3, (), (*FORWARD, f"ros2_control.joints:={joints}")):
        heard = harness.heard["/zprl/arm/status"]
        harness.until(lambda heard=heard: bool(heard) and "fr3_jiont7" in heard[-1].reason)
        assert harness.status.mode == ArmStatus.DISCONNECTED and "did you mean fr3_joint7" in harness.status.reason


@pytest.mark.parametrize(
    ("code", "parameters", "why"),
    [
        (ARM, (), "there is no URDF"),
        (ARM.replace("'-r', '__ns:=/zprl'", "'-r', '__node:=arm'"), FORWARD, "start it in a namespace"),
        (ARM, (*FORWARD, "enable_at_start:=true"), "ros2_control.simulated"),
        (ARM, (*FORWARD, "ros2_control.urdf_source:=file"), "urdf_file is empty"),
    ],
    ids=["no urdf", "same topic", "enabled by nobody", "no file"],
)
def test_parameters_that_do_not_go_together_end_with_exit_code_2(
    code: str, parameters: tuple[str, ...], why: str
) -> None:
    process = start_node(DOMAIN + 4, ["-c", code], *parameters)
    _, told = process.communicate(timeout=600)
    assert process.returncode == 2 and why in told
