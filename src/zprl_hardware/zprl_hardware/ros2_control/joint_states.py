"""Collects the arm's joints from joint_states messages, in any order and from several publishers.

joint_state_broadcaster fills what a robot does not measure with NaN, and grippers often publish their joints in
messages of their own on the same topic. Each joint is therefore kept separately.
"""

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from zprl_control.driver import ArmLost

SMOOTH = 0.5  # weight of the newest difference in a velocity that is not measured
LONGEST_S = 0.5  # differences over a longer time give no velocity
SHOWN = 12  # names listed in an error
MOST = 1000  # most joints kept: more than any robot has


@dataclass(frozen=True)
class Joint:
    """The newest sample of one joint."""

    position: float  # [rad] or [m]; may be NaN
    velocity: float  # [rad/s] or [m/s], measured or from two positions
    stamp_s: float  # of the message, on its publisher's clock
    received_s: float  # arrival, on the driver's clock


class JointStates:
    """The newest sample of each joint."""

    def __init__(self, topic: str):
        self.topic = topic
        self.ignored = 0  # messages with different numbers of names and positions
        self._joints: dict[str, Joint] = {}

    def update(
        self,
        names: Sequence[str],
        positions: Sequence[float],
        velocities: Sequence[float],
        stamp_s: float,
        received_s: float,
    ) -> None:
        """Takes one message. Velocities may be missing or NaN. A message with a repeated stamp is ignored."""
        if len(names) != len(positions):
            self.ignored += 1
            return
        measured = velocities if len(velocities) == len(names) else [math.nan] * len(names)
        for name, position, velocity in zip(names, positions, measured, strict=True):
            before = self._joints.get(name)
            if before is not None and stamp_s and stamp_s == before.stamp_s:
                continue
            if before is None and len(self._joints) >= MOST:
                continue
            if not math.isfinite(velocity):
                velocity = _difference(before, position, stamp_s, received_s)
            self._joints[name] = Joint(position, velocity, stamp_s, received_s)

    def joint(self, name: str) -> Joint:
        """The newest sample. Raises ArmLost naming the known joints when there is none."""
        joint = self._joints.get(name)
        if joint is None:
            raise ArmLost(self._missing(name))
        if not math.isfinite(joint.position):
            raise ArmLost(
                f"{self.topic} gives {joint.position} as the position of {name}: the hardware does not report it yet; "
                f"check `ros2 control list_hardware_interfaces`"
            )
        return joint

    def joints(self, names: Sequence[str]) -> tuple[Joint, ...]:
        """The newest samples, in this order. Raises ArmLost."""
        return tuple(self.joint(name) for name in names)

    def _missing(self, name: str) -> str:
        if not self._joints:
            why = f": {self.ignored} messages had different numbers of names and positions" if self.ignored else ""
            return (
                f"no joint states on {self.topic} yet{why}; start the robot and its joint_state_broadcaster, or set "
                f"ros2_control.joint_states to its topic (`ros2 topic list -t`)"
            )
        known = sorted(self._joints)
        close = difflib.get_close_matches(name, known, n=1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        listed = ", ".join(known[:SHOWN]) + (" ..." if len(known) > SHOWN else "")
        return f"{self.topic} has no joint {name}{meant}, it has {listed}; set ros2_control.joints or gripper_joint"


def _difference(before: Joint | None, position: float, stamp_s: float, received_s: float) -> float:
    """Velocity from two positions, by the publisher's stamps where there are any; 0 for the first."""
    if before is None or not (math.isfinite(position) and math.isfinite(before.position)):
        return 0.0
    stamped = stamp_s - before.stamp_s
    seconds = stamped if stamped > 0.0 else received_s - before.received_s
    if not 0.0 < seconds < LONGEST_S:
        return 0.0
    return (1.0 - SMOOTH) * before.velocity + SMOOTH * (position - before.position) / seconds
