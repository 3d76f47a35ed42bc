"""The whole graph at a simulated Franka whose hand does not do what it is commanded, as after power-up."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("franky", reason="franky-control is not installed")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from std_srvs.srv import Trigger  # noqa: E402

from listener import Listener  # noqa: E402
from recorded import transitions  # noqa: E402
from tiny import TINY, tiny_base  # noqa: E402
from zprl.checkpoints.run_folder import RunFolder  # noqa: E402
from zprl_bringup.graph.graphs import finetune_graph  # noqa: E402
from zprl_bringup.graph.run_options import RunOptions  # noqa: E402
from zprl_bringup.graph.settings import GraphSettings  # noqa: E402
from zprl_bringup.graph.spec import Graph, Parameter  # noqa: E402
from zprl_bringup.runner.run_graph import run_graph  # noqa: E402
from zprl_bringup.runner.run_status import RunStatus  # noqa: E402
from zprl_core.gripper_state import GripperMode  # noqa: E402
from zprl_core.ros import services  # noqa: E402
from zprl_core.ros.conversions import ns_from  # noqa: E402
from zprl_core.ros.qos import STATE  # noqa: E402
from zprl_msgs.msg import ArmStatus  # noqa: E402
from zprl_sim.fci.hand import Hand  # noqa: E402

pytestmark = pytest.mark.ros
HOST = "127.0.0.61"


def graph_with(hand: Hand, folder: RunFolder) -> Graph:
    """`zprl up --robot fci-sim --base ...`, with the hand in that state; patient, as a loaded machine is slow.

    The arm's control waits for the driver, so that a slow machine only slows it down.
    """
    tiny_base(folder.base)
    options = RunOptions(base=folder.base, robot="fci-sim", lockstep=False, time_limit_s=20.0)
    graph = finetune_graph(GraphSettings("run", folder.path, options, config=TINY))
    changes: dict[str, dict[str, Parameter]] = {
        "fci_node": {"hostname": HOST, "hand": hand.value, "lockstep": True},
        "franka_arm_node": {"franky.hostname": HOST, "limits.state_s": 1.0},
        "policy_node": {"stale_s": 5.0},
    }
    nodes = tuple(replace(n, parameters={**n.parameters, **changes.get(n.executable, {})}) for n in graph.nodes)
    return replace(graph, nodes=nodes)


def of_hand(status: ArmStatus) -> bool:
    """True if the arm has stopped because of its hand."""
    return status.mode == ArmStatus.FAULT and "the gripper does not follow" in status.reason


class Operator:
    """Hears the graph's topics while it runs, and clears faults of a loaded machine: those not of the hand."""

    def __init__(self) -> None:
        self._listener: Listener | None = None

    def spin(self) -> None:
        if self._listener is None:
            self._listener = Listener(int(os.environ["ROS_DOMAIN_ID"]))
            self._listener.hear(ArmStatus, "arm/status", STATE)
            node = self._listener.node
            self._calls = [services.ARM_RECOVER.client(node), services.ARM_ENABLE.client(node)]
        self._listener.spin(0.1)
        now = self.arm[-1] if self.arm else ArmStatus()
        idle = now.mode == ArmStatus.IDLE
        if (idle or (now.mode == ArmStatus.FAULT and not of_hand(now))) and self._calls[idle].service_is_ready():
            self._calls[idle].call_async(Trigger.Request())
            self._listener.spin(0.5)

    @property
    def arm(self) -> list[ArmStatus]:
        return self._listener.heard["arm/status"] if self._listener else []

    def stopped(self) -> list[ArmStatus]:
        """The newest statuses, from the one in which the arm stopped because of its hand; none while it goes on."""
        return list(takewhile(of_hand, reversed(self.arm)))[::-1]

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()


@contextmanager
def hearing() -> Iterator[Operator]:
    heard = Operator()
    try:
        yield heard
    finally:
        heard.close()


def test_after_a_refusal_of_the_hand_nothing_is_stored_and_the_reason_is_shown(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with hearing() as heard:

        def long_after_it(now: RunStatus) -> bool:
            heard.spin()
            return len(heard.stopped()) > 60 and "was discarded" in "; ".join(now.held)  # 3 s at 20 Hz

        last = run_graph(graph_with(Hand.REFUSES, folder), folder.path, long_after_it)
        stopped, states = heard.stopped()[0], list(heard.arm)
    shown = "; ".join(last.held)
    assert stopped.reason in shown and "arm/home_gripper" in shown
    assert stopped.reason in [s.gripper_reason for s in states if s.gripper == GripperMode.REFUSED]
    at_ns = ns_from(stopped.header.stamp)
    assert all(t.stamp_ns < at_ns for t in transitions(folder, TINY))  # stamped at their last step


def test_a_hand_that_is_not_homed_is_homed_with_enable_and_episodes_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with hearing() as heard:

        def learned(now: RunStatus) -> bool:
            heard.spin()
            return now.env_steps > 0

        last = run_graph(graph_with(Hand.NOT_HOMED, folder), folder.path, learned)
        hand = [(GripperMode(status.gripper), status.gripper_reason) for status in heard.arm]
    refusals = [reason for mode, reason in hand if mode == GripperMode.REFUSED]
    assert [r for r in refusals if "not reachable" not in r] == []  # on a loaded machine the hand starts late
    modes = [mode for mode, _ in hand]
    assert GripperMode.HOMING in modes
    assert GripperMode.NOT_HOMED not in list(takewhile(lambda mode: mode != GripperMode.HOMING, reversed(modes)))
    assert sum(t.steps for t in transitions(folder, TINY)) >= last.env_steps > 0
