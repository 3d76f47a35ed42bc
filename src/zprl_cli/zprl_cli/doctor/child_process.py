"""Runs a hardware check in a child process, where a hang can be ended and a crash reported."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from zprl_bringup.runner import die_with_parent
from zprl_bringup.runner.node_process import node_environment
from zprl_core.errors import QUOTED

END_S = 5.0


class Silent(Exception):
    """The process ended without a result, or did not end; the message says how."""


def start(module: str, *arguments: str, env: Mapping[str, str] = os.environ) -> "subprocess.Popen[str]":
    """Start Python with that module. It ends with the thread that started it."""
    command = [sys.executable, "-m", module, *arguments]
    guarded = [*die_with_parent.command(signal.SIGKILL), *command]
    return subprocess.Popen(
        guarded, env=node_environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def answer(process: "subprocess.Popen[str]", seconds: float) -> dict[str, Any]:
    """Read the JSON object on the last line and end the process. Raises Silent."""
    try:
        said, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Silent(f"no answer within {seconds:g} s") from None
    finally:
        end(process)
    lines = said.strip().splitlines()
    if process.returncode != 0 or not lines:
        raise Silent(_last(errors) or f"it ended with exit code {process.returncode}")
    try:
        told = json.loads(lines[-1])
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Silent(f"its last line is no result: {lines[-1][:QUOTED]}")
    return told


def call(module: str, *arguments: str, seconds: float) -> dict[str, Any]:
    """Run a module and return its result. Raises Silent."""
    return answer(start(module, *arguments), seconds)


def end(process: "subprocess.Popen[str]") -> None:
    """End the process, with time to clean up."""
    process.terminate()
    try:
        process.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
