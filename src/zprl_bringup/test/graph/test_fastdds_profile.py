"""The Fast DDS profile: the shipped library takes it, and its shared memory holds camera images."""

import os
import subprocess
import sys

import pytest

from zprl_bringup.graph.graphs import default_env

pytestmark = pytest.mark.ros

PROGRAM = """
import rclpy
rclpy.init()
node = rclpy.create_node("profile")
print(max(int(end, 16) - int(begin, 16) for begin, end in (
    line.split()[0].split("-") for line in open("/proc/self/maps") if "/dev/shm/fastdds" in line)))
"""


@pytest.mark.parametrize("discovery", ["LOCALHOST", "SUBNET"])
def test_nodes_get_the_large_segment(discovery: str) -> None:
    pytest.importorskip("rclpy")
    env = os.environ | default_env() | {"ROS_AUTOMATIC_DISCOVERY_RANGE": discovery}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "XML" not in done.stdout + done.stderr, done.stdout + done.stderr
    assert int(done.stdout) >= 33554432
