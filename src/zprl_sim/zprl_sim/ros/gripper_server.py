"""Gripper action server of a simulated arm, of either action type. A new goal replaces the previous one."""

from typing import Any

from control_msgs.action import GripperCommand, ParallelGripperCommand
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.node import Node
from rclpy.task import Future
from sensor_msgs.msg import JointState

from zprl_core.arm_model import FR3
from zprl_sim.controlled_arm import ControlledArm
from zprl_sim.controller_settings import GripperAction


class GripperServer:
    """Serves one goal at a time; `watch` is called after every control cycle."""

    def __init__(self, node: Node, arm: ControlledArm, kind: GripperAction, name: str):
        self._node, self._arm = node, arm
        self._parallel = kind is GripperAction.PARALLEL_GRIPPER_COMMAND
        self._action = ParallelGripperCommand if self._parallel else GripperCommand
        self._over: Future[str] | None = None  # result of the active goal
        self._server = ActionServer(
            node, self._action, name, self._execute, goal_callback=self._on_goal, cancel_callback=self._on_cancel
        )

    def watch(self) -> None:
        """Ends the goal when the fingers have arrived or stalled."""
        if self._over is None or self._over.done():
            return
        if self._arm.gripper_reached:
            self._over.set_result("reached")
        elif self._arm.gripper_stalled:
            self._over.set_result("stalled")

    def _on_goal(self, goal: Any) -> GoalResponse:
        fits = not self._parallel or len(goal.command.position) == 1
        return GoalResponse.ACCEPT if fits else GoalResponse.REJECT

    def _on_cancel(self, goal: Any) -> CancelResponse:
        self._arm.command_gripper(self._arm.finger)
        return CancelResponse.ACCEPT

    async def _execute(self, goal: Any) -> Any:
        if self._over is not None and not self._over.done():
            self._over.set_result("replaced")
        position = goal.request.command.position
        self._arm.command_gripper(position[0] if self._parallel else position)
        over = self._over = Future()
        ended = await over
        if goal.is_cancel_requested:
            goal.canceled()
        elif ended in ("replaced", "stalled"):
            goal.abort()  # as the real server does with allow_stalling false
        else:
            goal.succeed()
        return self._result(ended)

    def _result(self, ended: str) -> Any:
        reached, stalled = ended == "reached", ended == "stalled"
        if not self._parallel:
            return self._action.Result(position=self._arm.finger, stalled=stalled, reached_goal=reached)
        state = JointState(name=[FR3.fingers[0]], position=[self._arm.finger])
        return self._action.Result(state=state, stalled=stalled, reached_goal=reached)
