"""A managed node in this process, driven through its lifecycle services as `ros2 lifecycle` does."""

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import rclpy
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState

from listener import Listener
from zprl_core.ros.managed_node import Executor, ManagedNode, WorkingNode

CALLS = {
    "configure": Transition.TRANSITION_CONFIGURE,
    "activate": Transition.TRANSITION_ACTIVATE,
    "deactivate": Transition.TRANSITION_DEACTIVATE,
    "cleanup": Transition.TRANSITION_CLEANUP,
}
SHUTDOWN = {
    "unconfigured": Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
    "inactive": Transition.TRANSITION_INACTIVE_SHUTDOWN,
    "active": Transition.TRANSITION_ACTIVE_SHUTDOWN,
    "finalized": Transition.TRANSITION_ACTIVE_SHUTDOWN,
}


class LifecycleClient(Listener):
    """Reads and changes the state of a node."""

    def __init__(self, domain: int, name: str):
        super().__init__(domain)
        self._change = self.node.create_client(ChangeState, f"{name}/change_state")
        self._get = self.node.create_client(GetState, f"{name}/get_state")

        self._probes: list[tuple[Any, Any]] = []

    def ready(self) -> bool:
        """True once both services answer: a response is lost while only one side has discovered the other.

        On a busy machine a request to a service that is not there yet may fail (rclpy 9.1.2: cannot publish data).
        """
        if not (self._change.service_is_ready() and self._get.service_is_ready()):
            return False
        unknown = ChangeState.Request(transition=Transition(label="no such transition"))
        self._probes += [
            (self._change, self._change.call_async(unknown)),
            (self._get, self._get.call_async(GetState.Request())),
        ]
        return len({id(client) for client, answer in self._probes if answer.done()}) == 2

    def state(self) -> str:
        return str(self._call(self._get, GetState.Request()).current_state.label)

    def change(self, name: str) -> bool:
        """Request a transition; True if it succeeded."""
        number = SHUTDOWN[self.state()] if name == "shutdown" else CALLS[name]
        return bool(self._call(self._change, ChangeState.Request(transition=Transition(id=number))).success)

    def _call(self, client: Any, request: Any) -> Any:
        answer = client.call_async(request)
        self.until(answer.done)
        return answer.result()


class LifecycleHarness:
    """The node spins in a thread, and works in another one where it does that as a process too."""

    def __init__(self, domain: int, make: Callable[[], ManagedNode], *parameters: str):
        words = [word for each in ("autostart:=false", *parameters) for word in ("-p", each)]
        rclpy.init(args=["--ros-args", *words], domain_id=domain)
        self.node = make()
        self.created = self.entities()
        self._stop, self._failed, self._turns = threading.Event(), list[BaseException](), 0
        executor = Executor()
        executor.add_node(self.node)
        self._threads = [threading.Thread(target=self._spin, args=(executor,))]
        if isinstance(self.node, WorkingNode):
            self._threads.append(threading.Thread(target=self._work, args=(self.node,)))
        for thread in self._threads:
            thread.start()
        self.client = LifecycleClient(domain, self.node.get_fully_qualified_name())
        self.client.until(self._ready)

    def _ready(self) -> bool:
        """True once the node answers. Raises AssertionError with the cause when one of its threads has failed."""
        assert not self._failed, self._failed
        return self.client.ready()

    def entities(self) -> list[str]:
        """What the node offers and hears."""
        node = self.node
        named = [f"publishes {p.topic_name}" for p in node.publishers]
        named += [f"hears {s.topic_name}" for s in node.subscriptions]
        named += [f"serves {s.srv_name}" for s in node.services] + [f"calls {c.srv_name}" for c in node.clients]
        return sorted([*named, f"{len(list(node.timers))} timers", f"{len(list(node.waitables))} waitables"])

    def lives(self, turns: int = 3) -> None:
        """Let it spin, and check that it still does."""
        end = self._turns + turns
        while self._turns < end:
            assert not self._failed, self._failed
            time.sleep(0.005)

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(600.0)
        self.node.close()
        self.node.destroy_node()
        self.client.close()
        rclpy.try_shutdown()
        del self.client, self.node
        gc.collect()  # a participant lives as long as its node's cycles, and two past the 32nd never meet
        assert not self._failed, self._failed

    def _spin(self, executor: Any) -> None:
        try:
            while not self._stop.is_set():
                executor.spin_once(timeout_sec=min(0.01, self.node.wait_s()))
                self.node.step()
                self._turns += 1
        except BaseException as error:
            self._failed.append(error)

    def _work(self, node: WorkingNode) -> None:
        try:
            node.work(self._stop)
        except BaseException as error:
            self._failed.append(error)
