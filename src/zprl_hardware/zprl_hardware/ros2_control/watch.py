"""Detects an arm that does not follow its commands: an inactive controller receives them and does nothing."""

from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_hardware.ros2_control.measurements import Measured
from zprl_hardware.ros2_control.motion import Values

# An arm that stands still for STUCK_S, farther than LEAD from its command, does not follow. The guards keep a command
# within limits.error_m of the tool, so the distance alone shows nothing.
STUCK_S = 1.0
LEAD_RAD, REST_RAD = 0.04, 0.004  # of any joint
LEAD_M, REST_M = 0.02, 0.002  # of the tool


class FollowWatch:
    """Joints must stay near their commands and move; a compliant tool must only begin to move."""

    def __init__(self, config: Ros2ControlConfig):
        self.config, self._in_joints = config, config.command_interface.in_joints
        self._remedy = (
            f"check that the controller behind {config.command_topic} is active (`ros2 control list_controllers`), "
            f"the robot's program runs, its speed is above 0 and its path is clear"
        )
        self.begin()

    def begin(self) -> None:
        """Starts over, for a new motion."""
        self._rest: Values | None = None  # position at `_rest_s`, since when the arm has stood still
        self._rest_s = 0.0
        self._near_s: float | None = None  # last time that all joints were near their commands
        self._moved = False

    def check(self, sent: Values | None, now: Measured, now_s: float) -> str:
        """The reason why the arm does not follow; "" when it does. `sent`: the newest command."""
        if sent is None:
            return ""
        here = now.joints if self._in_joints else now.pose[:3]
        rests_s = self._rests(here, now_s)
        if self._in_joints:
            why = self._far(sent, here, now_s) or self._stuck(sent, here, rests_s)
        else:
            self._moved = self._moved or rests_s == 0.0
            why = "" if self._moved else self._stuck(sent[:3], here, rests_s)
        return f"{why}: {self._remedy}" if why else ""

    def _rests(self, here: Values, now_s: float) -> float:
        """Time that the arm has stood still [s]."""
        if self._rest is None:
            self._rest, self._rest_s = here, now_s
            return 1e-9  # not moved yet
        if _most(here, self._rest) > (REST_RAD if self._in_joints else REST_M):
            self._rest, self._rest_s = here, now_s
        return now_s - self._rest_s

    def _far(self, sent: Values, here: Values, now_s: float) -> str:
        far = _most(sent, here)
        if far <= self.config.follow_error or self._near_s is None:
            self._near_s = now_s
        if now_s - self._near_s <= self.config.follow_s:
            return ""
        name = self.config.joints[[abs(a - b) for a, b in zip(sent, here, strict=True)].index(far)]
        return f"{name} has been {far:.2f} rad from its command for {now_s - self._near_s:.1f} s"

    def _stuck(self, sent: Values, here: Values, rests_s: float) -> str:
        far = _most(sent, here)
        if rests_s <= STUCK_S or far <= (LEAD_RAD if self._in_joints else LEAD_M):
            return ""
        unit = "rad" if self._in_joints else "m"
        return f"the arm has stood still for {rests_s:.1f} s, {far:.3f} {unit} from its command"


def _most(a: Values, b: Values) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))
