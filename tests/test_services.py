"""A person takes hold of weights and learning while the graph runs."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tiny import TINY, tiny_base
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner

rclpy = pytest.importorskip("rclpy")
pytestmark = pytest.mark.ros


class Person:
    """A client of every service, who reads the status topics."""

    def __init__(self) -> None:
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.node import Node

        from zprl_msgs.msg import LearnerStatus, PolicyStatus

        self.node = Node("person")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.policy, self.learner = PolicyStatus(), LearnerStatus()
        self.node.create_subscription(PolicyStatus, "policy/status", lambda m: setattr(self, "policy", m), 10)
        self.node.create_subscription(LearnerStatus, "learner/status", lambda m: setattr(self, "learner", m), 10)

    def until(self, condition: Callable[[], bool], seconds: float = 600.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.policy, self.learner)
            self.executor.spin_once(timeout_sec=0.1)

    def ask(self, kind: Any, name: str, **fields: Any) -> Any:
        client = self.node.create_client(kind, name)
        self.until(client.service_is_ready)
        self.executor.spin_once(timeout_sec=0.2)  # a client that is new may miss its first answer
        future = client.call_async(kind.Request(**fields))
        self.until(future.done)
        return future.result()


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    tiny_base(tmp_path / "base")
    graph = finetune_graph(GraphSettings("run", tmp_path, RunOptions(base=tmp_path / "base"), config=TINY))
    with own_domain() as domain:
        for key, value in {**graph.env, "ROS_DOMAIN_ID": str(domain)}.items():
            monkeypatch.setenv(key, value)
        with Runner(graph, tmp_path / "logs", env=os.environ):
            rclpy.init(domain_id=domain)
            someone = Person()
            yield someone
            someone.executor.shutdown()
            someone.node.destroy_node()
            rclpy.try_shutdown()


def test_weights_are_rolled_back_frozen_and_set_free_and_learning_pauses(person: Person) -> None:
    from std_srvs.srv import SetBool, Trigger

    from zprl_msgs.msg import PolicyStatus
    from zprl_msgs.srv import RollBack

    person.until(lambda: person.policy.weights_number >= 4)
    missing = person.ask(RollBack, "policy/roll_back", number=10_000)
    assert not missing.success and "not stored here" in missing.message
    assert person.ask(RollBack, "policy/roll_back", number=2).success
    person.until(lambda: person.policy.weights_number == 2)
    person.until(lambda: person.learner.weights_number >= person.policy.weights_number + 4)
    assert person.policy.frozen and person.policy.weights_number == 2
    person.until(lambda: person.policy.weights_newest >= 6)
    assert person.ask(SetBool, "policy/freeze", data=False).success
    person.until(lambda: person.policy.weights_number > 5 and not person.policy.frozen)
    assert person.ask(Trigger, "learner/pause").success
    person.until(lambda: person.learner.paused)
    updates, transitions = person.learner.updates, person.learner.transitions
    person.until(lambda: person.learner.transitions > transitions + 5)  # what comes is stored all the same
    assert person.learner.updates == updates
    assert person.ask(Trigger, "learner/resume").success
    person.until(lambda: person.learner.updates > updates)
    assert person.ask(Trigger, "policy/return_to_base").success
    person.until(lambda: person.policy.mode == PolicyStatus.BASE)
