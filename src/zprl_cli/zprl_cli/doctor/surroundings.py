"""Checks what a shell gives to ROS: a folder for logs, and a middleware that can be loaded."""

import os
from collections.abc import Iterator, Mapping

from zprl_bringup.graph.spec import GraphError
from zprl_bringup.runner.middleware import check_middleware
from zprl_cli.doctor.check import Finding, fail, ok, warn
from zprl_core.host.ros_log_folder import is_writable, ros_log_folder
from zprl_core.host.start_error_table import LOG_FOLDER

LOGS, MIDDLEWARE = "ROS logs", "middleware"


def look(env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Check the folder of ROS's logs, then the middleware."""
    yield judge_logs(env)
    yield judge_middleware(env)


def judge_logs(env: Mapping[str, str]) -> Finding:
    """Judge the folder of ROS's logs. zprl starts without one, nodes of other packages do not."""
    folder = ros_log_folder(env)
    if folder is None:
        return warn(LOGS, "HOME is not set: nodes of other packages do not start", LOG_FOLDER)
    if not is_writable(folder):
        return warn(LOGS, f"{folder} is not writable: nodes of other packages do not start", LOG_FOLDER)
    return ok(LOGS, str(folder))


def judge_middleware(env: Mapping[str, str]) -> Finding:
    """Judge RMW_IMPLEMENTATION, by an import of rclpy."""
    wanted = env.get("RMW_IMPLEMENTATION", "")
    try:
        check_middleware(env)
    except GraphError as error:
        return fail(MIDDLEWARE, f"{wanted}: {error}", "unset RMW_IMPLEMENTATION, or source the workspace that has it")
    return ok(MIDDLEWARE, wanted or "ROS's default (RMW_IMPLEMENTATION is not set)")
