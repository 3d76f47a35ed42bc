"""ROS finds a folder for its logs, whatever HOME is."""

import os
import tempfile
from pathlib import Path

import pytest

from zprl_core.host.ros_log_folder import is_writable, ros_log_folder, use_writable_log_folder


def test_the_variables_of_ros_come_first(tmp_path: Path) -> None:
    env = {"HOME": "/home/a", "ROS_HOME": "/ros", "ROS_LOG_DIR": "/logs"}
    assert ros_log_folder(env) == Path("/logs")
    assert ros_log_folder({**env, "ROS_LOG_DIR": ""}) == Path("/ros/log")
    assert ros_log_folder({"HOME": "/home/a"}) == Path("/home/a/.ros/log")
    assert ros_log_folder({}) is None


def test_a_folder_that_can_be_made_is_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert is_writable(tmp_path / "a" / "b") and not is_writable(tmp_path / "file" / "a")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert not is_writable(tmp_path)


def test_without_a_home_the_logs_go_to_a_folder_of_this_user(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    fallback = str(Path(tempfile.gettempdir()) / f"zprl-ros-log-{os.geteuid()}")
    for env in ({}, {"HOME": str(tmp_path / "file")}):
        use_writable_log_folder(env)
        assert env["ROS_LOG_DIR"] == fallback
    for env in ({"HOME": str(tmp_path)}, {"ROS_LOG_DIR": "/chosen/by/someone"}):
        before = dict(env)
        use_writable_log_folder(env)
        assert env == before
