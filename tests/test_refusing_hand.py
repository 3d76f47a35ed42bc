"""The whole graph at a simulated Franka whose hand does not do what it is commanded, as after power-up."""

from itertools import takewhile
from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("franky", reason="franky-control is not installed")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from fci_graph import hearing, patient_graph
from recorded import transitions
from tiny import TINY, tiny_base
from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_core.gripper_state import GripperMode
from zprl_core.ros.conversions import ns_from
from zprl_sim.fci.hand import Hand

pytestmark = pytest.mark.ros
HOST = "127.0.0.61"


def graph_with(hand: Hand, folder: RunFolder) -> Graph:
    """The graph with the hand in that state."""
    tiny_base(folder.base)
    return patient_graph(folder, HOST, {"hand": hand.value})


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
