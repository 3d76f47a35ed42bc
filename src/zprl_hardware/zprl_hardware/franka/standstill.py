"""Tells an arm that stands still: Franka may stop a motion that starts while tool or joints swing."""

import math

from zprl_control.driver import ArmState

STILL_M_S, STILL_RAD_S = 0.002, 0.005  # speeds below which tool and joints stand still
STILL_LOOKS = 5  # reads in a row that show it


def stands(state: ArmState) -> bool:
    """True when tool and joints stand still."""
    return math.hypot(*state.twist[:3]) < STILL_M_S and max(map(abs, state.joint_velocities)) < STILL_RAD_S


class Standstill:
    """Counts the reads in a row in which the arm stands."""

    def __init__(self) -> None:
        self._looks = 0

    def seen(self, state: ArmState | None) -> bool:
        """Add a read; True after enough of them."""
        self._looks = self._looks + 1 if state is not None and stands(state) else 0
        return self._looks >= STILL_LOOKS
