"""Finds a folder for ROS's own log files where HOME cannot be written: ROS would not start there."""

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path


def ros_log_folder(env: Mapping[str, str]) -> Path | None:
    """Return the folder that ROS uses by ROS_LOG_DIR, ROS_HOME or HOME; None when none of them is set."""
    for variable, below in (("ROS_LOG_DIR", ""), ("ROS_HOME", "log"), ("HOME", ".ros/log")):
        if env.get(variable):
            return Path(env[variable]) / below
    return None


def is_writable(folder: Path) -> bool:
    """Return whether files can be written there, or the folder can be created."""
    try:
        while not folder.exists():
            folder = folder.parent
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False


def use_writable_log_folder(env: MutableMapping[str, str] = os.environ) -> None:
    """Set ROS_LOG_DIR to a temporary folder of this user when ROS has no folder that it can write.

    A ROS_LOG_DIR that was chosen is left as it is.
    """
    folder = ros_log_folder(env)
    if not env.get("ROS_LOG_DIR") and (folder is None or not is_writable(folder)):
        env["ROS_LOG_DIR"] = str(Path(tempfile.gettempdir()) / f"zprl-ros-log-{os.geteuid()}")
