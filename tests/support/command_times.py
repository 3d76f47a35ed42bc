"""A program that hears a robot's commands and writes a line with the time of each [s, steady clock] into a file.

It subscribes to the robot's states too, as a recorder on another machine does.
"""

import contextlib
import sys
import time
from pathlib import Path

import rclpy
from rclpy.node import Node

from zprl_core.ros import topics
from zprl_msgs.msg import ArmCommand


def main() -> None:
    """Run until SIGINT."""
    rclpy.init()
    node = Node("command_times", enable_rosout=False)
    with Path(sys.argv[1]).open("w", buffering=1) as file:

        def heard(command: ArmCommand) -> None:
            file.write(f"{time.monotonic()}\n")

        topics.ARM_COMMAND.subscribe(node, heard)
        for topic in (topics.JOINT_STATES, topics.CURRENT_POSE, topics.ARM_STATUS, topics.REPLAY, topics.DIAGNOSTICS):
            topic.subscribe(node, lambda message: None)
        with contextlib.suppress(KeyboardInterrupt):
            rclpy.spin(node)


if __name__ == "__main__":
    main()
