"""Checks the middleware that RMW_IMPLEMENTATION names: a wrong one ends a process at its import of rclpy."""

import os
import subprocess
import sys
from collections.abc import Mapping

from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.node_process import node_environment
from zprl_core.host.start_errors import explain_text

IMPORT_S = 120.0  # greatest time to import rclpy on a busy machine


def check_middleware(env: Mapping[str, str] = os.environ) -> None:
    """Import rclpy in another process if RMW_IMPLEMENTATION is set. Raises GraphError when that fails."""
    if not env.get("RMW_IMPLEMENTATION"):
        return
    command = [sys.executable, "-c", "import rclpy"]
    try:
        tried = subprocess.run(command, env=node_environment(env), capture_output=True, text=True, timeout=IMPORT_S)
    except subprocess.TimeoutExpired:
        raise GraphError(f"rclpy is not imported within {IMPORT_S:g} s; close other programs") from None
    if tried.returncode:
        lines = tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"]
        raise GraphError(explain_text(lines[-1]) or f"rclpy cannot be imported: {lines[-1]}; see zprl doctor")
