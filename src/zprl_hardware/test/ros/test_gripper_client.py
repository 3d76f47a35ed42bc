"""The client of a gripper's action against servers that succeed, stall, abort and refuse."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("control_msgs", reason="the workspace is not built: make build")

from control_msgs.action import GripperCommand, ParallelGripperCommand  # noqa: E402
from rclpy.action import ActionServer, GoalResponse  # noqa: E402
from rclpy.context import Context  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402

from zprl_hardware.ros2_control.config import GripperInterface, Ros2ControlConfig  # noqa: E402

pytestmark = pytest.mark.ros
STALLS, ABORTS, REFUSED = 0.01, 0.02, 0.03  # positions that mean this to the server


class Bench:
    """A client and, once it is started, a server on one node."""

    def __init__(self, kind: GripperInterface) -> None:
        from zprl_hardware.ros.gripper_client import GripperClient

        self.context = Context()
        self.context.init(domain_id=1 + os.getpid() % 9)
        self.node = Node("bench", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.parallel = kind is GripperInterface.PARALLEL_GRIPPER_COMMAND
        self.goals: list[Any] = []
        self.name = f"grip_by_{kind.value}"
        self.client = GripperClient(self.node, Ros2ControlConfig(gripper=kind, gripper_action=self.name))

    def serve(self) -> None:
        kind = ParallelGripperCommand if self.parallel else GripperCommand
        self.kind = kind
        self.server = ActionServer(self.node, kind, self.name, self._execute, goal_callback=self._on_goal)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 600.0
        while not condition():
            assert time.monotonic() < end, self.client.status
            self.executor.spin_once(timeout_sec=0.05)

    def send(self, position: float) -> None:
        self.client.send(position, 20.0)
        self.until(lambda: not self.client.status.busy and not self.client.status.moving)

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.try_shutdown()

    def _position(self, goal: Any) -> float:
        return float(goal.command.position[0] if self.parallel else goal.command.position)

    def _on_goal(self, goal: Any) -> GoalResponse:
        return GoalResponse.REJECT if self._position(goal) == REFUSED else GoalResponse.ACCEPT

    def _execute(self, goal: Any) -> Any:
        self.goals.append(goal.request)
        position = self._position(goal.request)
        if position in (STALLS, ABORTS):
            goal.abort()
            return self.kind.Result(stalled=position == STALLS)
        goal.succeed()
        return self.kind.Result(reached_goal=True)


@pytest.fixture(params=[GripperInterface.GRIPPER_COMMAND, GripperInterface.PARALLEL_GRIPPER_COMMAND])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(request.param)
    try:
        yield made
    finally:
        made.close()


def test_what_became_of_a_goal_is_known(bench: Bench) -> None:
    assert not bench.client.status.ready
    bench.serve()
    bench.until(lambda: bench.client.status.ready)
    bench.send(0.04)
    assert bench.client.status.trouble == "" and len(bench.goals) == 1
    bench.send(STALLS)  # it holds something
    assert bench.client.status.trouble == ""
    bench.send(ABORTS)
    assert f"{bench.name} was aborted" in bench.client.status.trouble and not bench.client.status.refused
    bench.send(REFUSED)
    assert f"{bench.name} refused a goal" in bench.client.status.trouble and bench.client.status.refused
    bench.send(0.0)
    assert bench.client.status.trouble == "" and not bench.client.status.refused
    command = bench.goals[-1].command
    if bench.parallel:
        assert list(command.name) == ["fr3_finger_joint1"] and list(command.effort) == [20.0]
    else:
        assert command.max_effort == 20.0


def test_a_goal_without_an_answer_is_reported_and_may_be_sent_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.serve()
    bench.until(lambda: bench.client.status.ready)
    now = time.monotonic()
    monkeypatch.setattr("zprl_hardware.ros.gripper_client.time.monotonic", lambda: now)
    bench.client.send(0.04, 20.0)
    assert bench.client.status.busy and not bench.client.status.refused
    monkeypatch.setattr("zprl_hardware.ros.gripper_client.time.monotonic", lambda: now + 2.0)
    status = bench.client.status
    assert status.refused and not status.busy and f"{bench.name} has not answered" in status.trouble
