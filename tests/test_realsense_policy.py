"""A policy of images at a simulated Franka: librealsense, the camera nodes and the arm's real driver."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("franky", reason="franky-control is not installed")
pytest.importorskip("pyrealsense2", reason="no wheel here, or libusb-1.0-0 is missing", exc_type=ImportError)
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from can_render import needs_renderer
from fci_graph import hearing, patient_graph, with_parameters
from realsense_source import PROGRAM, with_realsense
from recorded import transitions
from tiny import TINY, tiny_seeing_base
from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus

pytestmark = [pytest.mark.ros, needs_renderer]


def test_a_policy_that_sees_through_librealsense_moves_the_arm_and_is_learned_from(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    tiny_seeing_base(folder.base, tmp_path / "demos")
    graph = with_realsense(patient_graph(folder, "127.0.0.62", {}), tmp_path / "cameras")
    graph = with_parameters(graph, {PROGRAM: {"late_s": 0.0}})  # a loaded machine's images are late, and are used
    assert not graph.find("renderer_node")
    with hearing() as heard:

        def learned(now: RunStatus) -> bool:
            heard.spin()
            return now.env_steps > 0

        last = run_graph(graph, folder.path, learned)
    stored = transitions(folder, TINY)
    assert sum(t.steps for t in stored) >= last.env_steps > 0
    assert any(np.ptp(t.executed, axis=0).any() for t in stored)  # the arm was sent somewhere
    streams = stored[0].ages.size
    assert streams == 4 and all((t.ages >= 0).all() for t in stored)
    log = (folder.path / "logs" / "policy.log").read_text()
    assert "sees the scene" not in log and "cannot be compared" not in log  # it knows these cameras
