"""A program that hears a robot's commands, and writes a line about each into a file.

That is its time [s, steady clock], the number of its weights, and how many episode events came before.

It subscribes to the robot's states too, as a recorder on another machine does.
"""

import contextlib
import sys
import time
from pathlib import Path

import rclpy
from rclpy.node import Node

from zprl_core.ros import topics
from zprl_msgs.msg import ArmCommand, EpisodeEvent


def main() -> None:
    """Run until SIGINT."""
    rclpy.init()
    node = Node("command_times", enable_rosout=False)
    with Path(sys.argv[1]).open("w", buffering=1) as file:
        events: list[EpisodeEvent] = []

        def heard(command: ArmCommand) -> None:
            file.write(f"{time.monotonic()} {command.weights_number} {len(events)}\n")

        topics.EPISODE_EVENT.subscribe(node, events.append)
        topics.ARM_COMMAND.subscribe(node, heard)
        for topic in (topics.JOINT_STATES, topics.CURRENT_POSE, topics.ARM_STATUS, topics.REPLAY, topics.DIAGNOSTICS):
            topic.subscribe(node, lambda message: None)
        with contextlib.suppress(KeyboardInterrupt):
            rclpy.spin(node)


if __name__ == "__main__":
    main()
