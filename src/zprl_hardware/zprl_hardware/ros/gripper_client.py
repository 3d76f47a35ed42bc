"""Client of a gripper's action, with one goal at a time: the newest."""

import time
from typing import Any

from action_msgs.msg import GoalStatus
from control_msgs.action import GripperCommand, ParallelGripperCommand
from control_msgs.msg import GripperCommand as Command
from rclpy.action import ActionClient
from rclpy.node import Node
from sensor_msgs.msg import JointState

from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig
from zprl_hardware.ros2_control.link import GripperStatus

ANSWER_S = 2.0  # a goal without an answer for this long counts as refused
NAMES = {
    GoalStatus.STATUS_ABORTED: "was aborted",
    GoalStatus.STATUS_CANCELED: "was canceled by the gripper's controller",
}


class GripperClient:
    """Sends goals and keeps their status; answers to older goals are ignored."""

    def __init__(self, node: Node, config: Ros2ControlConfig):
        self._config = config
        self._parallel = config.gripper is GripperInterface.PARALLEL_GRIPPER_COMMAND
        kind = ParallelGripperCommand if self._parallel else GripperCommand
        self._client = ActionClient(node, kind, config.gripper_action)
        self._number = 0  # of the newest goal
        self._sent_s: float | None = None  # when the newest goal was sent; None once it is answered
        self._goal: Any = None  # the accepted goal that has not ended
        self._canceled = False
        self._trouble, self._refused = "", False

    @property
    def status(self) -> GripperStatus:
        """State of the newest goal."""
        if not self._client.server_is_ready():
            self._sent_s = self._goal = None  # the server that accepted it is gone
            return GripperStatus()
        if self._sent_s is not None and time.monotonic() - self._sent_s >= ANSWER_S:
            why = f"{self._config.gripper_action} has not answered a goal for {ANSWER_S:g} s: check its controller"
            return GripperStatus(True, trouble=why, refused=True)
        busy = self._sent_s is not None
        return GripperStatus(True, busy, self._goal is not None, self._trouble, self._refused)

    def send(self, position: float, effort: float) -> None:
        """Sends a goal. The controller ends the one before."""
        self._number += 1
        number = self._number
        self._sent_s, self._goal, self._canceled, self._refused = time.monotonic(), None, False, False
        self._trouble = ""
        future = self._client.send_goal_async(self._message(position, effort))
        future.add_done_callback(lambda done: self._on_answer(number, done.result()))

    def forget(self) -> None:
        """Forgets why the newest goal failed, and that it was not answered."""
        self._trouble, self._refused, self._sent_s = "", False, None

    def cancel(self) -> None:
        """Cancels the goal that is being followed, and forgets errors."""
        self._trouble, self._refused = "", False
        self._canceled = True
        if self._goal is not None:
            self._goal.cancel_goal_async()

    def _message(self, position: float, effort: float) -> Any:
        if not self._parallel:
            return GripperCommand.Goal(command=Command(position=position, max_effort=effort))
        efforts = [effort] if effort > 0.0 else []
        command = JointState(name=[self._config.gripper_joint], position=[position], effort=efforts)
        return ParallelGripperCommand.Goal(command=command)

    def _on_answer(self, number: int, goal: Any) -> None:
        if number != self._number:
            return
        self._sent_s = None
        if not goal.accepted and self._canceled:
            return
        if not goal.accepted:
            self._refused = True
            self._trouble = (
                f"{self._config.gripper_action} refused a goal: check that its controller is active and has one joint"
            )
            return
        self._goal = goal
        if self._canceled:
            goal.cancel_goal_async()
        goal.get_result_async().add_done_callback(lambda done: self._on_result(number, done.result()))

    def _on_result(self, number: int, answer: Any) -> None:
        if number != self._number:
            return
        self._goal, self._trouble = None, ""
        requested = self._canceled and answer.status == GoalStatus.STATUS_CANCELED
        # A grasp stalls on what it holds; controllers with allow_stalling false abort then.
        if answer.status in NAMES and not requested and not answer.result.stalled:
            self._trouble = f"the goal of {self._config.gripper_action} {NAMES[answer.status]}; its log says why"
