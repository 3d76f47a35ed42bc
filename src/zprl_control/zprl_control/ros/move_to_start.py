"""The slow motion to the start as an action with feedback and cancellation."""

from typing import Any

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.task import Future

from zprl_control.report import Report
from zprl_control.ros.services import ASLEEP, refusal
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.ros import services
from zprl_core.ros.managed_node import ManagedNode
from zprl_msgs.action import MoveToStart


class Motion:
    """Serves one goal at a time. An impossible goal is aborted, and its result says why."""

    def __init__(self, node: ManagedNode, session: ArmSession):
        self.node, self.session = node, session
        self._goal: Any = None
        self._over: Future[None] | None = None
        self._server = ActionServer(
            node,
            services.MOVE_TO_START.type,
            services.MOVE_TO_START.name,
            self._execute,
            goal_callback=self._on_goal,
            cancel_callback=self._on_cancel,
        )

    def watch(self, report: Report) -> None:
        """Publishes feedback and detects the end of the motion; called once per control step."""
        if self._goal is None or self._over is None:
            return
        if report.mode == ArmMode.RESET:
            self._goal.publish_feedback(MoveToStart.Feedback(progress=min(1.0, self.session.progress())))
        elif not self._over.done():
            self._over.set_result(None)

    def _on_goal(self, request: MoveToStart.Goal) -> GoalResponse:
        return GoalResponse.REJECT if self._goal is not None else GoalResponse.ACCEPT

    def _on_cancel(self, goal: Any) -> CancelResponse:
        """Brakes the arm; the goal is canceled once the arm has stopped."""
        refused = refusal(self.session.hold) if self.session.mode == ArmMode.RESET else "the arm is not moving"
        return CancelResponse.REJECT if refused else CancelResponse.ACCEPT

    async def _execute(self, goal: Any) -> MoveToStart.Result:
        why = refusal(self._begin) if self.node.active else ASLEEP
        if why:
            goal.abort()
            return MoveToStart.Result(message=why)
        self._goal, self._over = goal, Future()
        try:
            await self._over
        finally:
            self._goal = self._over = None
        return self._result(goal)

    def _begin(self) -> None:
        if self.session.mode == ArmMode.STREAM:
            self.session.pause()
        self.session.reset()

    def _result(self, goal: Any) -> MoveToStart.Result:
        if self.session.arrived:
            goal.succeed()
            return MoveToStart.Result(success=True)
        if goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.abort()
        return MoveToStart.Result(message=self.session.reason or "the motion was canceled")
