"""Converts between messages and records.

Flat arrays go through array.array, which rclpy copies without looking at each element.
"""

import array

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Time
from sensor_msgs.msg import Image

from zprl_core.action import ArmTarget
from zprl_core.arm_model import FR3
from zprl_core.files import checksum_of
from zprl_core.host.own_graph import own_graph
from zprl_core.ros.poses import tool_message
from zprl_msgs.msg import ActorWeights, ArmCommand


def time_from(stamp_ns: int) -> Time:
    """Converts nanoseconds to a message's time."""
    return Time(sec=stamp_ns // 1_000_000_000, nanosec=stamp_ns % 1_000_000_000)


def ns_from(stamp: Time) -> int:
    """Converts a message's time to nanoseconds."""
    return int(stamp.sec * 1_000_000_000 + stamp.nanosec)


def rows_from(image: Image, size: int) -> npt.NDArray[np.uint8]:
    """Returns the bytes (h, w * size) of an image without its padding; `size`: bytes of a pixel.

    Raises ValueError when size and data disagree.
    """
    row = image.width * size
    if image.step < row or len(image.data) != image.step * image.height:
        raise ValueError(f"an image of {image.width} x {image.height} has {len(image.data)} bytes")
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.step)[:, :row]


def command_message(
    target: ArmTarget, stamp_ns: int, source: str, actor_version: int, frame: str = FR3.base_frame
) -> ArmCommand:
    """Returns the command for the observation stamped `stamp_ns`."""
    message = ArmCommand(graph=own_graph(), gripper_width=target.width, source=source, weights_number=actor_version)
    message.header.stamp = time_from(stamp_ns)
    message.header.frame_id = frame
    if target.tool is not None:
        message.target = tool_message(target.tool)
    message.joints = array.array("d", target.joints)
    return message


def weights_message(data: bytes, run: str, actor_version: int, updates: int, env_steps: int, base: str) -> ActorWeights:
    """Returns the message for a set of actor weights, with its checksum."""
    message = ActorWeights(
        run=run,
        number=actor_version,
        updates=updates,
        env_steps=env_steps,
        base_fingerprint=base,
        checksum=checksum_of(data),
    )
    message.data = array.array("B", data)
    return message
