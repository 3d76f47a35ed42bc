"""A gripper behind an action: sends the requested opening as a goal, and reports why it is not followed."""

from zprl_control.driver import ArmLost
from zprl_core.gripper_state import NO_GRIPPER, GripperMode, GripperState
from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig
from zprl_hardware.ros2_control.link import ControllerLink, GripperStatus
from zprl_hardware.ros2_control.measurements import Measurements

RETRY_S = 1.0  # wait before a refused goal is sent again
APPEARS_S = 5.0  # after the start, the action's server may take this long to be discovered
MOTION_S = 10.0  # longest duration of a goal


class ActionGripper:
    """Sends a goal when the requested opening [m] changes; the controller replaces the goal before."""

    def __init__(self, config: Ros2ControlConfig, measured: Measurements, link: ControllerLink):
        self.config, self._measured, self._link = config, measured, link
        self._requested: float | None = None  # None when nothing is
        self._kept: float | None = None  # the width at `keep`: requests for it change nothing
        self._sent: float | None = None
        self._sent_s = float("-inf")
        self._width = config.gripper_width  # measured; the requested one where it cannot be measured
        self._unmeasured = ""
        self._served = False  # the action had a server
        self._missing_s: float | None = None  # since when it has none

    @property
    def present(self) -> bool:
        """True when a gripper is configured."""
        return self.config.gripper is not GripperInterface.NONE

    @property
    def width(self) -> float:
        """The measured opening [m]; the requested one where it is not measured."""
        return self._width

    def state(self, now_s: float) -> GripperState:
        """Returns the mode of the gripper, with the reason if it does not do what it was commanded."""
        if not self.present:
            return NO_GRIPPER
        status, action = self._link.gripper, self.config.gripper_action
        if not status.ready:
            if self._missing_s is None:
                self._missing_s = now_s
            if now_s - self._missing_s < APPEARS_S and not self._served:
                return GripperState(GripperMode.CONNECTING)
            return GripperState(
                GripperMode.REFUSED,
                f"the action {action} has no server of type {self.config.gripper.value}; start its controller, "
                f"or set ros2_control.gripper_action (`ros2 action list -t`)",
            )
        self._served, self._missing_s = True, None
        if trouble := status.trouble or self._unmeasured or self._slow(status, now_s):
            return GripperState(GripperMode.REFUSED, trouble)
        return GripperState(GripperMode.MOVING if status.busy or status.moving else GripperMode.HOLDING)

    def _slow(self, status: GripperStatus, now_s: float) -> str:
        if not status.moving or now_s - self._sent_s < MOTION_S:
            return ""
        return f"a goal of {self.config.gripper_action} has not ended after {MOTION_S:g} s: check its controller"

    def keep(self, width: float) -> None:
        """Leaves the gripper as it is, so that it keeps its grasp, for as long as requests are for this width."""
        self._kept = width

    def set_width(self, width: float) -> None:
        """Sets the requested opening [m]."""
        if self._kept is not None and abs(width - self._kept) <= self.config.gripper_change:
            return
        self._kept, self._requested = None, width
        if not self.present:
            self._width = width

    def halt(self) -> None:
        """Stops moving fingers; fingers that hold an object keep their grasp."""
        self._requested = self._sent = None
        status = self._link.gripper
        if self.present and (status.moving or status.busy):
            self._link.cancel_gripper()
        elif self.present:
            self._link.forget_gripper()  # an error of the past must not stop the arm again

    def poll(self, now_s: float) -> None:
        """Reads the opening, and sends a goal when one is due."""
        if not self.present:
            return
        try:
            self._width, self._unmeasured = self._measured.width() or 0.0, ""
        except ArmLost as unmeasured:
            self._unmeasured = str(unmeasured)
            self._width = self._sent if self._sent is not None else self._width
        if not self._link.gripper.ready:
            self._sent = None  # the server that had the goal is gone: the next one gets it again
        if self._requested is not None and self._due(self._requested, now_s):
            c = self.config
            part = min(1.0, max(0.0, self._requested / c.gripper_width))
            self._link.send_gripper(c.gripper_closed + part * (c.gripper_open - c.gripper_closed), c.gripper_effort)
            self._sent, self._sent_s = self._requested, now_s

    def _due(self, requested: float, now_s: float) -> bool:
        status = self._link.gripper
        if not status.ready or status.busy:
            return False
        if self._sent is None or abs(requested - self._sent) > self.config.gripper_change:
            return True
        return status.refused and now_s - self._sent_s > RETRY_S
