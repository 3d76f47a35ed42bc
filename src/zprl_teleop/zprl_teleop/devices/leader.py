"""Another arm or a tracked tool that leads: the arm repeats its motion while the space bar has enabled it. No ROS."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zprl_core.rotation import to_vector
from zprl_teleop.devices.terminal import Terminal
from zprl_teleop.teleop_command import STILL, TeleopCommand, Twist6

Array = npt.NDArray[np.float64]

SETTLE_S = 0.1  # time in which the arm would make up for its lag at the present speed
LAG_M, LAG_RAD = 0.05, 0.3  # lag beyond which the leader slips, so that the arm does not go on when the leader rests
MOVES = 0.02  # share of the full speed above which the arm is commanded


@dataclass(frozen=True)
class Place:
    """Position (3,) [m] and rotation matrix (3, 3) of a tool, in one frame for all times."""

    position: Array
    rotation: Array


class Leader(Protocol):
    """The source of the motion. Times are seconds of one monotonic clock."""

    def motion(self, now_s: float, engaged: bool) -> Twist6:
        """The twist as shares of the full speed. Raises ValueError with the reason why there is none."""


class _Source:
    """The newest message of a leader, until it is too old."""

    def __init__(
        self, topic: str, silence_s: float, linear: float, angular: float, axes: tuple[bool, ...] = (True,) * 6
    ):
        """`linear`, `angular`: full speed of the arm [m/s, rad/s]. `axes`: those that move it."""
        self.topic, self._axes = topic, np.array(axes, dtype=float)
        self._silence_s, self._scale = silence_s, np.array([1 / linear] * 3 + [1 / angular] * 3)
        self._heard_s = float("-inf")
        self._refused = ""

    def refuse(self, why: str) -> None:
        """Process a message that cannot be followed."""
        self._heard_s, self._refused = float("-inf"), why

    def _heard(self, now_s: float) -> None:
        self._heard_s, self._refused = now_s, ""

    def _check(self, now_s: float) -> None:
        """Raises ValueError with the reason why there is no motion to follow."""
        if self._refused:
            raise ValueError(self._refused)
        if now_s - self._heard_s > self._silence_s:
            raise ValueError(f"no messages on {self.topic}: start what publishes the motion")


class LeaderTwist(_Source):
    """A leader that sends twists in the base frame [m/s, rad/s]."""

    _twist: Twist6 = STILL

    def push(self, twist: Twist6, now_s: float) -> None:
        """Process a message."""
        if not np.isfinite(twist).all():
            self.refuse(f"a twist on {self.topic} is not finite")
            return
        self._twist = twist
        self._heard(now_s)

    def motion(self, now_s: float, engaged: bool) -> Twist6:
        self._check(now_s)
        return _shares(np.array(self._twist) * self._scale * self._axes) if engaged else STILL


class LeaderPose(_Source):
    """A leader that sends poses. The arm repeats its displacement and its turn since it was engaged.

    Without an axis the arm ignores what the leader does along it. The axes of the leader's frame must be parallel to
    those of the arm's base; where its origin is does not matter.
    """

    _leader: Place | None = None
    _arm: Place | None = None  # where it was sent last
    _from: tuple[Place, Place] | None = None  # leader and arm when they were engaged

    def push(self, place: Place, now_s: float) -> None:
        """Process a message."""
        self._leader = place
        self._heard(now_s)

    def on_arm(self, sent: Place | None) -> None:
        """Process where the arm was sent last; None while it follows nothing."""
        self._arm = sent

    def motion(self, now_s: float, engaged: bool) -> Twist6:
        started, self._from = self._from, None
        self._check(now_s)
        if self._arm is None:
            raise ValueError("the arm follows nothing yet: enable it (1)")
        if not engaged or self._leader is None:
            return STILL
        leader, arm = self._leader, self._arm
        self._from = started or (leader, arm)
        lag = _lag(leader, arm, *self._from) * self._axes
        kept = np.concatenate([_within(lag[:3], LAG_M), _within(lag[3:], LAG_RAD)])
        self._slip(leader, arm, moved=bool((kept != lag)[:3].any()), turned=bool((kept != lag)[3:].any()))
        return _shares(kept / SETTLE_S * self._scale)

    def _slip(self, leader: Place, arm: Place, moved: bool, turned: bool) -> None:
        """Starts anew from here where the leader is too far ahead: its displacement, its turn, or both."""
        assert self._from is not None
        then, there = self._from
        self._from = (
            Place(leader.position if moved else then.position, leader.rotation if turned else then.rotation),
            Place(arm.position if moved else there.position, arm.rotation if turned else there.rotation),
        )


class Led:
    """The device: a leader that moves the arm, and the terminal, whose keys enable it, grip and call services."""

    def __init__(self, leader: Leader, terminal: Terminal):
        self._leader, self._terminal = leader, terminal

    def open(self) -> None:
        """Raises DeviceRefused when there is no terminal."""
        self._terminal.open()

    def read(self, now_s: float) -> TeleopCommand:
        """Raises DeviceRefused when the terminal was closed."""
        keys = self._terminal.read(now_s)
        still = replace(keys, twist=STILL, touched=keys.enabled and keys.gripper != 0)
        try:
            twist = self._leader.motion(now_s, keys.enabled)
        except ValueError as why:
            return replace(still, note=str(why))
        moves = max(map(abs, twist)) > MOVES
        return replace(still, twist=twist, touched=True) if moves else still

    def close(self) -> None:
        """Restore the terminal."""
        self._terminal.close()


def _lag(leader: Place, arm: Place, leader_from: Place, arm_from: Place) -> Array:
    """Returns (6,): how far the arm is behind [m, rad]."""
    behind = arm_from.position + leader.position - leader_from.position - arm.position
    wanted = leader.rotation @ leader_from.rotation.T @ arm_from.rotation
    return np.concatenate([behind, to_vector(wanted @ arm.rotation.T)])


def _shares(twist: Array) -> Twist6:
    x, y, z = _within(twist[:3], 1.0)
    roll, pitch, yaw = _within(twist[3:], 1.0)
    return (float(x), float(y), float(z), float(roll), float(pitch), float(yaw))


def _within(vector: Array, most: float) -> Array:
    """Returns the vector, shortened to a length of `most`."""
    length = float(np.linalg.norm(vector))
    return vector if length <= most else vector * (most / length * (1 - 1e-9))
