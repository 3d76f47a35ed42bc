"""What the arm node logs."""

import itertools

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from rclpy.logging import get_logger

from zprl_control.report import Report
from zprl_control.ros.arm_node import ArmNode
from zprl_core.arm_mode import ArmMode


def test_a_fault_is_logged_though_a_warning_came_a_moment_before(capfd: pytest.CaptureFixture[str]) -> None:
    """A silent policy is a warning after limits.hold_s, and a fault after limits.fault_s: less than a second later."""
    node = object.__new__(ArmNode)
    node._logger = get_logger("arm")
    reports = [
        Report(ArmMode.STREAM, ""),
        Report(ArmMode.HOLD, "policy is silent"),
        Report(ArmMode.HOLD, "policy is silent"),
        Report(ArmMode.FAULT, "policy has been silent for more than 1 s"),
    ]
    for before, report in itertools.pairwise(reports):
        node._log(before, report)
    logged = capfd.readouterr().err
    assert logged.count("HOLD: policy is silent") == 1
    assert logged.count("FAULT: policy has been silent for more than 1 s") == 1
