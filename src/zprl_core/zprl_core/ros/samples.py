"""The topics of an `ObservationSpec`'s streams: their message types, and how samples are read from messages."""

from typing import Any

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import Image, JointState

from zprl_core.observation import Sample
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros import poses
from zprl_core.rotation import Rotation
from zprl_msgs.msg import VectorStamped

FINGER = "finger_joint"
CHANNELS = {"rgb8": 3, "bgr8": 3, "mono8": 1}
TYPES = {
    StreamKind.POSE: PoseStamped,
    StreamKind.WIDTH: JointState,
    StreamKind.JOINTS: JointState,
    StreamKind.VECTOR: VectorStamped,
    StreamKind.IMAGE: Image,
}


def sample_from(stream: StreamSpec, message: Any) -> Sample:
    """Returns the sample in a message of the stream's type. Raises ValueError when the message does not contain one."""
    match stream.kind:
        case StreamKind.POSE:
            return _pose(stream, message)
        case StreamKind.WIDTH:
            return width_from(message)
        case StreamKind.JOINTS:
            return joints_from(message, stream.joints)
        case StreamKind.VECTOR:
            return np.array(message.values, dtype=np.float64)
        case StreamKind.IMAGE:
            return image_from(message)


def width_from(joints: JointState) -> float:
    """Returns the opening of the gripper [m]: the sum of the finger joints. Raises ValueError when there are none."""
    names, positions = joints.name, joints.position
    if len(names) != len(positions):
        raise ValueError(
            f"joint_states has {len(names)} names and {len(positions)} positions; check the node that publishes it"
        )
    fingers = [x for name, x in zip(names, positions, strict=True) if FINGER in name]
    if not fingers:
        raise ValueError(f"joint_states has no joint named *{FINGER}*; it has {', '.join(map(repr, names))[:500]}")
    return float(sum(fingers))


def joints_from(joints: JointState, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Returns (n,): positions of the named joints [rad]. Raises ValueError when one is missing."""
    positions = dict(zip(joints.name, joints.position, strict=False))
    missing = [name for name in names if name not in positions]
    if missing:
        has = ", ".join(map(repr, joints.name))[:500]
        raise ValueError(f"joint_states has no joint named {', '.join(missing)[:500]}; it has {has}")
    return np.array([positions[name] for name in names], dtype=np.float64)


def image_from(message: Image) -> npt.NDArray[np.uint8]:
    """Returns (h, w, c) pixels, RGB or gray. Raises ValueError for another encoding, or when size and data disagree."""
    channels = CHANNELS.get(message.encoding)
    if channels is None:
        raise ValueError(f"an image has encoding {message.encoding[:20]!r}; supported are {', '.join(CHANNELS)}")
    row = message.width * channels
    if message.step < row or len(message.data) != message.step * message.height:
        raise ValueError(f"an image of {message.width} x {message.height} has {len(message.data)} bytes")
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)[:, :row]
    pixels = rows.reshape(message.height, message.width, channels)
    return pixels[:, :, ::-1] if message.encoding == "bgr8" else pixels


def _pose(stream: StreamSpec, message: PoseStamped) -> Sample:
    frame = message.header.frame_id
    if stream.frame and frame not in ("", stream.frame):
        raise ValueError(
            f"a pose on {stream.topic} is in frame {frame[:100]!r}, the policy expects {stream.frame!r}: transform it "
            f"before publishing it"
        )
    if stream.rotation == Rotation.YAW:
        return poses.tool_from(message.pose) if stream.tool else poses.object_from(message.pose)
    return poses.tilted_tool_from(message.pose) if stream.tool else poses.tilted_object_from(message.pose)
