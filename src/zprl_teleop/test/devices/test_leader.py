"""Another arm leads: what the arm is sent, by numbers worked out by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from zprl_core.rotation import from_vector
from zprl_teleop.devices.leader import LAG_M, SETTLE_S, LeaderPose, LeaderTwist, Led, Place
from zprl_teleop.teleop_command import STILL, Event, TeleopCommand

FULL, TURN = 0.2, 1.0  # m/s, rad/s


def place(x: float = 0.0, yaw: float = 0.0) -> Place:
    return Place(np.array([x, 0.0, 0.3]), from_vector((0.0, 0.0, yaw)))


def poses() -> LeaderPose:
    made = LeaderPose("teleop/pose", 0.25, FULL, TURN)
    made.on_arm(place(0.5, yaw=1.0))
    return made


def test_the_arm_repeats_the_displacement_since_it_was_engaged() -> None:
    leader = poses()
    leader.push(place(7.0), 0.0)
    assert leader.motion(0.0, engaged=False) == STILL
    leader.push(place(8.0), 0.1)
    assert leader.motion(0.1, engaged=True) == STILL  # where it is engaged does not matter
    leader.push(place(8.01, yaw=0.05), 0.15)
    x, _, _, _, _, yaw = leader.motion(0.15, engaged=True)
    assert x == pytest.approx(0.01 / SETTLE_S / FULL) and yaw == pytest.approx(0.05 / SETTLE_S / TURN)
    leader.on_arm(place(0.51, yaw=1.05))
    assert leader.motion(0.2, engaged=True) == pytest.approx(STILL, abs=1e-9)


def test_a_leader_far_ahead_slips() -> None:
    leader = poses()
    leader.push(place(0.0), 0.0)
    leader.motion(0.0, engaged=True)
    leader.push(place(0.3), 0.1)
    assert leader.motion(0.1, engaged=True)[0] == pytest.approx(min(1.0, LAG_M / SETTLE_S / FULL))
    assert leader.motion(0.15, engaged=True) == STILL  # the rest is forgotten


def test_a_tilt_that_the_arm_cannot_make_costs_no_motion() -> None:
    """The leader moves in x, turns about z and tilts; the arm makes the first two exactly."""
    leader = LeaderPose("teleop/pose", 0.25, FULL, TURN, (True, True, True, False, False, True))
    arm, x, yaw = place(0.5), 0.5, 0.0
    for k in range(81):
        now = 0.05 * k
        tilt = from_vector((0.5 * now, 0.0, 0.0))
        lead = place(0.05 * now, yaw=0.2 * now)
        leader.push(Place(lead.position, tilt @ lead.rotation), now)
        leader.on_arm(arm)
        twist = leader.motion(now, engaged=True)
        x, yaw = x + 0.05 * FULL * twist[0], yaw + 0.05 * TURN * twist[5]
        arm = place(x, yaw)
        assert twist[3] == twist[4] == 0.0
    assert x == pytest.approx(0.7, abs=0.01) and yaw > 0.5  # a tilt of 2 rad turns the yaw, too


def test_a_turn_that_slips_does_not_stop_the_displacement() -> None:
    leader = poses()
    leader.push(place(0.0), 0.0)
    leader.motion(0.0, engaged=True)
    leader.push(place(0.01, yaw=2.0), 0.1)
    assert leader.motion(0.1, engaged=True)[0] == pytest.approx(0.01 / SETTLE_S / FULL)
    assert leader.motion(0.15, engaged=True)[0] == pytest.approx(0.01 / SETTLE_S / FULL)  # the arm has not moved


def test_disengaging_lets_the_leader_go_back() -> None:
    leader = poses()
    leader.push(place(0.0), 0.0)
    leader.motion(0.0, engaged=True)
    leader.motion(0.05, engaged=False)
    leader.push(place(-0.4), 0.1)
    assert leader.motion(0.1, engaged=True) == STILL


def test_twists_are_shares_of_the_full_speed() -> None:
    leader = LeaderTwist("teleop/twist", 0.25, FULL, TURN)
    leader.push((0.1, 0.0, 0.0, 0.0, 0.0, 0.5), 0.0)
    assert leader.motion(0.0, engaged=True) == pytest.approx((0.5, 0, 0, 0, 0, 0.5))
    assert leader.motion(0.0, engaged=False) == STILL
    leader.push((3.0, 4.0, 0.0, 0.0, 0.0, 0.0), 0.0)
    assert leader.motion(0.0, engaged=True) == pytest.approx((0.6, 0.8, 0, 0, 0, 0))


def silent(leader: LeaderPose) -> None:
    leader.push(place(), 0.0)


def free(leader: LeaderPose) -> None:
    leader.push(place(), 9.9)
    leader.on_arm(None)


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (silent, "no messages on teleop/pose"),
        (free, "the arm follows nothing yet: enable it"),
        (lambda leader: leader.refuse("teleop/pose: no quaternion"), "no quaternion"),
    ],
)
def test_what_cannot_be_followed_says_why(prepare: Callable[[LeaderPose], None], why: str) -> None:
    leader = poses()
    prepare(leader)
    with pytest.raises(ValueError, match=why):
        leader.motion(10.0, engaged=True)


def test_a_twist_that_is_not_finite_stops_the_arm_until_the_next_one() -> None:
    leader = LeaderTwist("teleop/twist", 0.25, FULL, TURN)
    leader.push((math.nan, 0, 0, 0, 0, 0), 0.0)
    with pytest.raises(ValueError, match="not finite"):
        leader.motion(0.0, engaged=True)
    leader.push((0.1, 0, 0, 0, 0, 0), 0.1)
    assert leader.motion(0.1, engaged=True)[0] == pytest.approx(0.5)


class Keys:
    """A terminal with these keys down."""

    def __init__(self, command: TeleopCommand):
        self.command = command

    def read(self, now_s: float) -> TeleopCommand:
        return self.command


@pytest.mark.parametrize(
    ("keys", "moves", "touched"),
    [
        (TeleopCommand(enabled=True), True, True),
        (TeleopCommand(enabled=False), False, False),
        (TeleopCommand((1, 0, 0, 0, 0, 0), -1, True, True), True, True),
    ],
)
def test_the_keys_enable_and_grip_and_the_leader_moves(keys: TeleopCommand, moves: bool, touched: bool) -> None:
    leader = LeaderTwist("teleop/twist", 0.25, FULL, TURN)
    leader.push((0.0, 0.1, 0.0, 0.0, 0.0, 0.0), 0.0)
    command = Led(leader, Keys(keys)).read(0.0)  # type: ignore[arg-type]
    assert command.twist == pytest.approx((0, 0.5, 0, 0, 0, 0) if moves else STILL)
    assert (command.touched, command.gripper, command.enabled) == (touched, keys.gripper, keys.enabled)


def test_without_a_leader_the_keys_still_call_and_grip() -> None:
    keys = TeleopCommand((1, 0, 0, 0, 0, 0), 1, True, True, (Event.ESTOP,))
    command = Led(LeaderTwist("teleop/twist", 0.25, FULL, TURN), Keys(keys)).read(0.0)  # type: ignore[arg-type]
    assert command.twist == STILL and command.events == (Event.ESTOP,) and command.gripper == 1 and command.touched
    assert "no messages on teleop/twist" in command.note
