"""A program that hears a robot's commands, and writes a line about each into a file.

That is its time [s, steady clock], the number of its weights, and how many episode events came before.

It subscribes to the robot's states too, as a recorder on another machine does. Its namespace is the robot's.
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
    robot = node.get_namespace().strip("/")  # its name, where there are several
    with Path(sys.argv[1]).open("w", buffering=1) as file:
        events: list[EpisodeEvent] = []

        def on_event(event: EpisodeEvent) -> None:
            if robot in ("", event.robot):
                events.append(event)

        def on_command(command: ArmCommand) -> None:
            file.write(f"{time.monotonic()} {command.weights_number} {len(events)}\n")

        topics.EPISODE_EVENT.subscribe(node, on_event)
        topics.ARM_COMMAND.subscribe(node, on_command)
        for topic in (topics.JOINT_STATES, topics.CURRENT_POSE, topics.ARM_STATUS, topics.REPLAY, topics.DIAGNOSTICS):
            topic.subscribe(node, lambda message: None)
        with contextlib.suppress(KeyboardInterrupt):
            rclpy.spin(node)


if __name__ == "__main__":
    main()
