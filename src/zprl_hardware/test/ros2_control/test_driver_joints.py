"""The ros2_control driver with joint targets and without a URDF."""

import pytest

from fake_controllers import BENT, START, DriverHarness, make_config, make_harness
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Target
from zprl_hardware.ros2_control.config import ToolSource, UrdfSource

LIMITS = Limits(joint_low=(-3.0, -3.0), joint_high=(3.0, 3.0))


@pytest.fixture
def arm() -> DriverHarness:
    config = make_config(urdf_source=UrdfSource.NONE, tool_source=ToolSource.POSE_TOPIC, joint_targets=True)
    return make_harness(config, BENT)


def test_an_arm_without_a_urdf_holds_and_follows_joint_commands(arm: DriverHarness) -> None:
    session = ArmSession(arm.arm, LIMITS, 0.05)
    session.tick(arm.fake.now_s)
    session.enable()
    for _ in range(3):
        arm.passes(0.05)
        report = session.tick(arm.fake.now_s)
    assert (report.mode, report.reason) == (ArmMode.HOLD, "")
    for _ in range(20):
        target = Target(START, 0.08, (arm.fake.joints[0] + 0.02, arm.fake.joints[1]))
        assert session.command(target, "policy", Priority.POLICY, arm.fake.now_s) == ""
        arm.passes(0.05)
        report = session.tick(arm.fake.now_s)
    assert (report.mode, report.reason) == (ArmMode.STREAM, "")
    assert arm.fake.joints[0] > BENT[0] + 0.1
