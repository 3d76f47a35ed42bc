"""Every node refuses to start with a parameter that it does not have."""

import os
import re
import subprocess
import sys

import pytest

from source_files import ROOT
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core.errors import USER_ERROR

pytest.importorskip("rclpy")
pytestmark = pytest.mark.ros

NODE = re.compile(r'"(\w+_node) = ([\w.]+):main"')
NODES = {
    name: module for setup in sorted(ROOT.glob("src/*/setup.py")) for name, module in NODE.findall(setup.read_text())
}


def refused(module: str, parameter: str) -> str:
    """What the node says before it ends with the exit code of a wrong parameter."""
    command = [sys.executable, "-m", module, "--ros-args", "-p", parameter]
    with own_domain() as domain:
        env = {**os.environ, "ROS_DOMAIN_ID": str(domain)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == USER_ERROR, done.stderr
    return done.stderr


def test_there_are_nodes() -> None:
    assert {"franka_arm_node", "policy_node", "learner_node", "sim_node", "camera_node"} <= set(NODES)


@pytest.mark.parametrize("name", NODES)
def test_a_node_refuses_an_unknown_parameter(name: str) -> None:
    assert "unknown parameter 'autostrat', did you mean autostart?" in refused(NODES[name], "autostrat:=false")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("franka_arm_node", "arm_at_start:=true", "enable_at_start"),
        ("mujoco_arm_node", "lead:=2.0", "command_gain"),
        ("sim_node", "pace:=real", "latency"),
    ],
)
def test_a_node_tells_the_new_name_of_a_parameter(name: str, old: str, new: str) -> None:
    assert f"unknown parameter '{old.partition(':')[0]}', which is called {new} now" in refused(NODES[name], old)
