"""The ros2_control driver over fake controllers: what it sends, when it stops, what it says."""

import math

import numpy as np
import pytest

from fake_controllers import BENT, DOWN, PLANAR, START, DriverHarness, follow, make_config, make_harness
from zprl_control.driver import ArmLost, Driver
from zprl_core.target import Target
from zprl_hardware.ros2_control.config import (
    CommandInterface,
    Ros2ControlConfig,
    ToolSource,
    UrdfSource,
)
from zprl_hardware.ros2_control.measurements import Stamped


def cartesian(**changes: object) -> Ros2ControlConfig:
    """An arm behind a Cartesian controller."""
    return make_config(
        command_interface=CommandInterface.CARTESIAN,
        urdf_source=UrdfSource.NONE,
        tool_source=ToolSource.POSE_TOPIC,
        **changes,
    )


@pytest.fixture
def planar() -> DriverHarness:
    made = make_harness(make_config(), BENT, PLANAR)
    made.arm.connect()
    return made


def test_joints_are_nothing_for_a_cartesian_controller() -> None:
    made = make_harness(cartesian(), BENT)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.arm.set_target(Target(START, 0.08, joints=BENT))
    assert "the controller takes tool poses" in made.arm.read().fault


def test_it_is_a_driver(planar: DriverHarness) -> None:
    driver: Driver = planar.arm
    assert driver.read().joints == pytest.approx(BENT)


def test_the_first_command_is_where_the_arm_is_and_the_next_ones_move_evenly(planar: DriverHarness) -> None:
    planar.arm.begin(Target(planar.arm.read().pose, 0.08))
    planar.passes(0.01)
    assert planar.fake.positions[0] == pytest.approx(BENT)
    planar.arm.set_target(Target(planar.arm.read().pose, 0.08, joints=(0.33, 0.9)))
    planar.passes(0.06)
    shoulder = [q[0] for q in planar.fake.positions[1:]]
    assert shoulder == pytest.approx([0.305, 0.31, 0.315, 0.32, 0.325, 0.33])  # 0.03 rad in 1.2 x 0.05 s


def test_a_far_joint_target_is_approached_with_the_greatest_speed(planar: DriverHarness) -> None:
    planar.arm.begin(Target(planar.arm.read().pose, 0.08))
    planar.arm.set_target(Target(planar.arm.read().pose, 0.08, joints=(2.3, 0.9)))
    planar.passes(0.06)
    assert planar.fake.positions[-1][0] == pytest.approx(0.35)  # 1 rad/s times 0.05 s


def test_a_tool_target_is_solved_into_joints(planar: DriverHarness) -> None:
    pose = planar.arm.read().pose
    planar.arm.begin(Target(pose, 0.08))
    follow(planar, Target((pose[0] - 0.05, pose[1] + 0.05, *pose[2:]), 0.08), 0.5)
    reached = planar.arm.read().pose
    # Two joints cannot keep the yaw: least squares share what is left between position and yaw.
    assert reached[0] < pose[0] - 0.01 and reached[1] > pose[1] + 0.01


def test_without_a_urdf_a_tool_target_stops_the_arm_and_says_what_to_set() -> None:
    made = make_harness(make_config(urdf_source=UrdfSource.NONE, tool_source=ToolSource.POSE_TOPIC), BENT)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.arm.set_target(Target((0.46, *START[1:]), 0.08))
    assert "set ros2_control.urdf_source" in made.arm.read().fault
    made.arm.recover()
    assert made.arm.read().fault == ""


@pytest.mark.parametrize("joints", [(0.1,), (math.nan, 0.0)])
def test_joint_targets_that_do_not_fit_stop_the_arm(planar: DriverHarness, joints: tuple[float, ...]) -> None:
    planar.arm.begin(Target(START, 0.08))
    planar.arm.set_target(Target(START, 0.08, joints=joints))
    assert "ros2_control.joints" in planar.arm.read().fault
    planar.passes(0.05)
    assert planar.fake.positions == []


def test_a_trajectory_controller_is_told_once_a_period_where_to_be_a_moment_later() -> None:
    made = make_harness(make_config(command_interface=CommandInterface.JOINT_TRAJECTORY), BENT, PLANAR)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.arm.set_target(Target(START, 0.08, joints=(0.33, 0.9)))
    made.passes(0.05)
    (positions, seconds), *rest = made.fake.trajectories
    assert positions == pytest.approx((0.33, 0.9)) and seconds == pytest.approx(0.06) and len(rest) <= 1


def test_a_cartesian_controller_gets_poses_that_glide_and_stays_where_the_tool_is_when_halted() -> None:
    made = make_harness(cartesian(), BENT)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.fake.follows = False
    made.arm.set_target(Target((0.48, *START[1:]), 0.08))
    made.passes(0.03)
    assert made.fake.poses[-1][0] == pytest.approx((0.465, 0.0, 0.22)) and made.fake.poses[-1][1] == pytest.approx(DOWN)
    made.arm.halt()
    assert made.fake.poses[-1][0] == pytest.approx(START[:3])
    count = len(made.fake.poses)
    made.passes(0.1)
    assert len(made.fake.poses) == count


def test_the_way_home_is_slow_smooth_and_over_when_the_arm_is_there(planar: DriverHarness) -> None:
    planar.arm.reset()
    seen = []
    while planar.arm.progress() < 1.0:
        seen.append(planar.arm.progress())
        planar.passes(0.05)
        assert planar.arm.read().fault == ""
        assert len(seen) < 200
    speeds = [abs(b[0] - a[0]) / 0.01 for a, b in zip(planar.fake.positions, planar.fake.positions[1:], strict=False)]
    assert seen == sorted(seen) and max(speeds) <= 0.301 and planar.fake.joints == pytest.approx((0.0, 1.0), abs=0.02)


def test_an_arm_that_does_not_get_home_says_so() -> None:
    made = make_harness(make_config(follow_error=3.0, reset_tolerance=0.001, settle_s=0.2), BENT, PLANAR)
    made.arm.connect()
    made.arm.reset()
    made.fake.follows = False
    made.fake.joints = (0.01, 1.0)
    faults = []
    for _ in range(100):
        made.passes(0.05)
        faults.append(made.arm.read().fault)
        assert made.arm.progress() < 1.0
    assert "did not arrive at its start" in faults[-1] or "stood still" in faults[-1]


def test_a_halted_reset_is_over_and_sends_nothing_more(planar: DriverHarness) -> None:
    planar.arm.reset()
    planar.passes(0.2)
    planar.arm.halt()
    count = len(planar.fake.positions)
    planar.passes(0.2)
    assert planar.arm.progress() == 1.0 and len(planar.fake.positions) == count


def test_silence_stops_the_arm_and_later_is_a_lost_connection(planar: DriverHarness) -> None:
    planar.arm.begin(Target(START, 0.08))
    planar.passes(0.2, speaks=False)
    assert "/joint_states has been silent for 0.20 s" in planar.arm.read().fault
    count = len(planar.fake.positions)
    planar.passes(0.1, speaks=False)
    assert len(planar.fake.positions) == count
    with pytest.raises(ArmLost, match="silent"):
        planar.arm.recover()
    planar.passes(2.0, speaks=False)
    with pytest.raises(ArmLost, match="broadcaster is active"):
        planar.arm.read()
    with pytest.raises(ArmLost, match="silent"):
        planar.arm.connect()
    planar.passes(0.01)
    planar.arm.connect()
    assert planar.arm.read().fault == ""


def test_a_controller_that_ignores_its_commands_stops_the_arm(planar: DriverHarness) -> None:
    planar.arm.begin(Target(START, 0.08))
    planar.fake.follows = False
    for _ in range(40):
        planar.arm.set_target(Target(START, 0.08, joints=(0.4, 0.9)))
        planar.passes(0.05)
        fault = planar.arm.read().fault
    assert "stood still" in fault and "/forward_position_controller/commands" in fault and "list_controllers" in fault


def test_a_joint_far_from_its_command_stops_the_arm(planar: DriverHarness) -> None:
    planar.arm.begin(Target(START, 0.08))
    planar.fake.follows = False
    for step in range(20):
        planar.arm.set_target(Target(START, 0.08, joints=(0.9, 0.9)))
        planar.passes(0.05)
        planar.fake.joints = (0.3 + 0.005 * step, 0.9)  # it creeps
        fault = planar.arm.read().fault
    assert "shoulder has been" in fault and "rad from its command" in fault


def test_a_tool_on_springs_may_stand_still_once_it_has_moved() -> None:
    made = make_harness(cartesian(), BENT)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    follow(made, Target((0.47, *START[1:]), 0.08), 0.2)
    made.fake.follows = False
    for _ in range(40):
        made.arm.set_target(Target((0.52, *START[1:]), 0.08))
        made.passes(0.05)
        assert made.arm.read().fault == ""


def test_a_tool_that_never_moves_stops_the_arm() -> None:
    made = make_harness(cartesian(), BENT)
    made.arm.connect()
    made.arm.begin(Target(START, 0.08))
    made.fake.follows = False
    for _ in range(40):
        made.arm.set_target(Target((0.52, *START[1:]), 0.08))
        made.passes(0.05)
        fault = made.arm.read().fault
    assert "/target_pose" in fault
    made.arm.halt()  # as the session does after a fault
    assert made.fake.poses[-1][0] == pytest.approx(START[:3])


def test_nobody_who_listens_is_told_with_the_topic(planar: DriverHarness) -> None:
    planar.fake.listeners = 0
    with pytest.raises(ArmLost, match=r"/forward_position_controller/commands.*ros2_control.controller"):
        planar.arm.connect()
    planar.fake.listeners = 1
    planar.arm.connect()
    planar.arm.begin(Target(START, 0.08))
    planar.passes(0.05)
    planar.fake.listeners = 0
    assert "no controller subscribes" in planar.arm.read().fault


def test_a_urdf_that_is_not_there_yet_or_does_not_fit_is_no_connection() -> None:
    made = make_harness(make_config(tool_source=ToolSource.POSE_TOPIC), BENT)
    with pytest.raises(ArmLost, match="no robot description on /robot_description"):
        made.arm.connect()
    made.fake.measured.description = PLANAR.replace("elbow", "ellbow")
    with pytest.raises(ArmLost, match="shoulder, ellbow"):
        made.arm.connect()
    made.fake.measured.description = PLANAR
    made.arm.connect()


def test_a_pose_in_another_frame_is_no_connection() -> None:
    made = make_harness(cartesian(), BENT)
    assert made.fake.measured.pose is not None
    made.fake.measured.pose = Stamped("world", made.fake.now_s, made.fake.measured.pose.matrix)
    with pytest.raises(ArmLost, match=r"in the frame world, ros2_control\.base_frame is base"):
        made.arm.connect()


def test_the_twist_comes_from_two_poses_and_the_wrench_is_turned_into_the_base() -> None:
    made = make_harness(cartesian(wrench="/ft"), BENT)
    with pytest.raises(ArmLost, match="no wrench on /ft"):
        made.arm.connect()
    made.fake.measured.wrench = Stamped("tool", made.fake.now_s, np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.1]]))
    made.arm.connect()
    state = made.arm.read()
    assert state.wrench == pytest.approx((1.0, -2.0, -3.0, 0.0, 0.0, -0.1))  # the tool's z axis points down
    for step in range(1, 20):
        made.fake.pose = (0.45 + 0.01 * step, 0.0, 0.22), DOWN
        made.passes(0.05)
        made.fake.measured.wrench = Stamped("base", made.fake.now_s, np.zeros((2, 3)))
        state = made.arm.read()
    assert state.twist == pytest.approx((0.2, 0.0, 0.0, 0.0, 0.0, 0.0), abs=1e-3)


def test_a_tool_target_out_of_reach_stops_the_arm_after_a_second(planar: DriverHarness) -> None:
    pose = planar.arm.read().pose
    planar.arm.begin(Target(pose, 0.08))
    above = Target((*pose[:2], pose[2] + 0.05, *pose[3:]), 0.08)  # two joints in a plane
    follow(planar, above, 0.9)
    assert planar.arm.read().fault == ""
    follow(planar, above, 0.3)
    assert "out of the joints' reach by 0.050 m" in planar.arm.read().fault
    planar.arm.recover()
    planar.arm.begin(Target(planar.arm.read().pose, 0.08))
    planar.passes(2.0)
    assert planar.arm.read().fault == ""


def test_a_halted_joint_controller_does_not_push_on_to_its_last_command(planar: DriverHarness) -> None:
    planar.arm.begin(Target(planar.arm.read().pose, 0.08))
    planar.fake.follows = False
    follow(planar, Target(START, 0.08, joints=(0.4, 0.9)), 0.2)
    planar.arm.halt()
    assert planar.fake.positions[-1] == pytest.approx(BENT)


def test_a_halted_joint_controller_that_is_near_its_command_stays_there(planar: DriverHarness) -> None:
    planar.arm.begin(Target(planar.arm.read().pose, 0.08))
    follow(planar, Target(START, 0.08, joints=(0.32, 0.9)), 0.2)
    count = len(planar.fake.positions)
    planar.arm.halt()
    assert len(planar.fake.positions) == count
