"""The simulated robot whose tool hangs on springs."""

import numpy as np
import pytest

from circle import circle_of
from zprl_core.action import ArmTarget
from zprl_core.observation import TOOL, Pose
from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.followers import POSTURE, POSTURE_TORQUE
from zprl_sim.contacts import ContactSensor
from zprl_sim.delayed_robot import DelayedRobot
from zprl_sim.impedance import tool_springs
from zprl_sim.impedance.compliant_robot import CompliantRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, WORKSPACE
from zprl_sim.tasks.catalog import task_named

LIFT = task_named("lift")
TABLE_Z = WORKSPACE[2][0]


def pressed(robot: DelayedRobot) -> float:
    """Returns the lasting vertical force [N] when the tool is commanded 2 cm or more into a cube on the table."""
    robot.reset(0)
    cube = robot.things()["cube"]
    x, y, z = cube.position
    above, into = Pose((x, y, z + 0.12)), Pose((x, y, max(z - 0.02, TABLE_Z)))
    for _ in range(60):
        robot.step(ArmTarget(above, 0.0))
    sensor, forces = ContactSensor(robot.model, robot.kinematics.site), []
    for _ in range(80):
        robot.step(ArmTarget(into, 0.0))
        forces.append(abs(sensor.read(robot.data)[1][2]))
    return float(np.median(forces[-20:]))


def test_springs_are_those_of_the_driver() -> None:
    config = FrankyConfig()
    assert (
        config.translational_stiffness,
        config.rotational_stiffness,
    ) == (tool_springs.STIFFNESS, tool_springs.ROTATIONAL_STIFFNESS)
    assert pytest.approx(config.dampings) == (tool_springs.DAMPING, tool_springs.ROTATIONAL_DAMPING)
    assert config.reach == tool_springs.REACH
    assert (tool_springs.POSTURE, tool_springs.POSTURE_TORQUE) == (POSTURE, POSTURE_TORQUE)
    assert config.binary_gripper and CompliantRobot.binary_gripper


def test_it_lags_a_circle_as_the_real_driver_does() -> None:
    """`benchmarks/tracking.py` measures 0.11 s through the real driver."""
    tracked = circle_of(CompliantRobot(LIFT), radius=0.03, turn_s=3.0, turns=2)
    lag, left = tracked.lag
    assert 0.09 <= lag <= 0.13 and left < 0.004


def test_it_presses_no_harder_than_its_springs() -> None:
    """24 N at the error clip of 3 cm; the stiff arm presses harder."""
    assert 10.0 < pressed(CompliantRobot(LIFT)) < 25.0 < pressed(DelayedRobot(LIFT))


def test_it_holds_still_and_upright_where_it_is_told() -> None:
    robot = CompliantRobot(LIFT)
    start = robot.reset(0)
    for _ in range(40):
        seen = robot.step(ArmTarget(start.tool, MAX_WIDTH))
        assert seen.tool.position == pytest.approx(start.tool.position, abs=0.001)
    down = robot.data.site_xmat[robot.kinematics.site][8]
    assert down == pytest.approx(-1.0, abs=1e-4)


def test_the_gripper_only_opens_and_closes() -> None:
    robot = CompliantRobot(LIFT)
    seen = robot.reset(0)
    widths = [robot.step(ArmTarget(seen.tool, 0.6 * MAX_WIDTH)).width for _ in range(20)]
    assert min(widths) > 0.95 * MAX_WIDTH
    for _ in range(30):
        last = robot.step(ArmTarget(seen.tool, 0.1 * MAX_WIDTH)).width
    assert last < 0.002


def test_each_of_two_arms_hangs_on_its_own_springs() -> None:
    robot = CompliantRobot(task_named("two_arm_lift"))
    seen = robot.reset(0)
    start = {arm.name: seen.pose(arm.mount.topic(TOOL)) for arm in robot.arms}
    goals = {}
    for name, pose in start.items():
        x, y, z = pose.position
        goals[name] = Pose((x + 0.02, y, z + 0.01), pose.yaw)
    for _ in range(round(2.0 / CONTROL_S)):
        seen = robot.step_arms({name: ArmTarget(goal, MAX_WIDTH) for name, goal in goals.items()})
    for arm in robot.arms:
        reached = seen.pose(arm.mount.topic(TOOL))
        assert reached.position == pytest.approx(goals[arm.name].position, abs=0.003)


def test_joint_targets_are_refused_with_the_remedy() -> None:
    robot = CompliantRobot(LIFT)
    robot.reset(0)
    target = ArmTarget(None, MAX_WIDTH, tuple(q + 0.02 for q in robot.home))
    with pytest.raises(ValueError, match="use latency real for joint targets"):
        for _ in range(3):  # a command is followed one step late
            robot.step(target)
