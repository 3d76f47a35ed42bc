"""Parameters of the ros2_control driver: each has a description, and what does not fit names the parameter."""

import dataclasses

import pytest

from zprl_control.safety.limits import Limits
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.metadata import describe
from zprl_hardware.ros2_control.checks import check_settings
from zprl_hardware.ros2_control.config import (
    CommandInterface,
    GripperInterface,
    Ros2ControlConfig,
    ToolSource,
    UrdfSource,
)

URDF = Ros2ControlConfig(urdf_source=UrdfSource.TOPIC)
CARTESIAN_JOINTS = Ros2ControlConfig(command_interface=CommandInterface.CARTESIAN, joint_targets=True)


def test_every_field_has_a_description() -> None:
    found = describe(Ros2ControlConfig)
    assert set(found) == {field.name for field in dataclasses.fields(Ros2ControlConfig)}
    assert all(len(description.text) > 10 for description in found.values())


def test_it_survives_the_way_through_parameters() -> None:
    assert unflatten(Ros2ControlConfig, flatten(URDF)) == URDF


def test_topics_of_the_three_interfaces() -> None:
    forward, trajectory, cartesian = (
        Ros2ControlConfig(command_interface=kind, controller="/arm_controller").command_topic
        for kind in CommandInterface
    )
    assert forward == "/arm_controller/commands" and trajectory == "/arm_controller/joint_trajectory"
    assert cartesian == "/target_pose"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"joints": ()}, "joints is empty"),
        ({"joints": ("a", "a"), "home_joints": (0.0, 0.0)}, "lists a twice"),
        ({"joints": ("a",)}, "home_joints has 7 angles, joints names 1"),
        ({"home_joints": (float("nan"),) * 7}, "must be finite"),
        ({"joint_states": ""}, "joint_states is empty"),
        ({"tool_source": ToolSource.URDF}, "set urdf_source"),
        ({"urdf_source": UrdfSource.FILE}, "urdf_file is empty"),
        ({"stream_rate": 5.0}, r"ros2_control.stream_rate is 5; it must lie within \[20, 1000\]"),
        ({"joint_speed": float("nan")}, "joint_speed is nan; it must lie within"),
        ({"silence_s": 0.5, "lost_s": 0.4}, "silence_s must be below lost_s"),
        (
            {"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_open": 0.0},
            "gripper_open and gripper_closed are both 0",
        ),
        ({"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_joint": "fr3_joint7"}, "one of the arm's joints"),
        ({"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_action": ""}, "or gripper_joint is empty"),
        ({"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_width": 0.0}, "gripper_width is 0; it must lie within"),
        ({"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_change": 0.1}, "gripper_change must be below"),
        (
            {"gripper": GripperInterface.GRIPPER_COMMAND, "gripper_effort": -1.0},
            "gripper_effort is -1; it must lie within",
        ),
    ],
)
def test_what_does_not_fit_names_the_parameter(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Ros2ControlConfig(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "limits", "at_start", "why"),
    [
        (Ros2ControlConfig(), Limits(), False, "there is no URDF"),
        (URDF, Limits(), True, "ros2_control.simulated"),
        (CARTESIAN_JOINTS, Limits(), False, "the controller takes tool poses"),
        (URDF, Limits(joint_low=(-3.0,) * 6, joint_high=(3.0,) * 6), False, "6 angles, ros2_control.joints names 7"),
        (dataclasses.replace(URDF, home_joints=(2.74, *URDF.home_joints[1:])), Limits(), False, "home_joints joint 1"),
        (
            dataclasses.replace(URDF, command_interface=CommandInterface.CARTESIAN, home_pose=(0.9, 0, 0.2, 0, 0, 0)),
            Limits(), False, "home_pose x 0.900 is outside",
        ),
        (
            dataclasses.replace(URDF, gripper=GripperInterface.GRIPPER_COMMAND, gripper_width=0.05),
            Limits(), False, "lower limits.width",
        ),
    ],
    ids=[
        "no urdf", "enabled by nobody", "joints to cartesian", "six limits", "home at an end", "home outside",
        "narrow gripper",
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together(config: Ros2ControlConfig, limits: Limits, at_start: bool, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_settings(config, limits, at_start)


def test_settings_that_go_together() -> None:
    check_settings(URDF, Limits(), enable_at_start=False)
    check_settings(dataclasses.replace(URDF, simulated=True), Limits(), enable_at_start=True)
    check_settings(Ros2ControlConfig(joint_targets=True), Limits(), enable_at_start=False)
    check_settings(Ros2ControlConfig(command_interface=CommandInterface.CARTESIAN), Limits(), enable_at_start=False)
