"""The topics of an `ObservationSpec`'s streams: their message types, and how samples are read from messages."""

from typing import Any

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import CompressedImage, Image, JointState

from zprl_core.frame_tree import FrameError, FrameTree, plain
from zprl_core.geometry import matrix_from
from zprl_core.observation import Sample
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros import poses
from zprl_core.ros.compressed_images import decoded
from zprl_core.ros.conversions import ns_from, rows_from
from zprl_core.rotation import Rotation
from zprl_core.streams.depth_pixels import depth_pixels
from zprl_msgs.msg import VectorStamped

FINGER = "finger_joint"
CHANNELS = {"rgb8": 3, "bgr8": 3, "mono8": 1}
DEPTHS = {"16UC1": ("u2", 1e-3), "32FC1": ("f4", 1.0)}  # type of a pixel, and its unit [m] (REP 118)
TYPES = {
    StreamKind.POSE: PoseStamped,
    StreamKind.WIDTH: JointState,
    StreamKind.JOINTS: JointState,
    StreamKind.VECTOR: VectorStamped,
    StreamKind.IMAGE: Image,
}


def sample_from(stream: StreamSpec, message: Any, frames: FrameTree | None = None) -> Sample:
    """Returns the sample in a message of the stream's type. Raises ValueError when the message does not contain one.

    An image may also be a CompressedImage, as in a bag.
    A pose in another frame than the stream's is transformed with `frames`. Raises FrameError when that is impossible.
    """
    match stream.kind:
        case StreamKind.POSE:
            return _pose(stream, message, frames or FrameTree())
        case StreamKind.WIDTH:
            return width_from(message)
        case StreamKind.JOINTS:
            return joints_from(message, stream.joints)
        case StreamKind.VECTOR:
            return np.array(message.values, dtype=np.float64)
        case StreamKind.IMAGE:
            image = decoded(message) if isinstance(message, CompressedImage) else message
            return depth_from(image, *stream.depth_m) if stream.is_depth else image_from(image)


def width_from(joints: JointState) -> float:
    """Returns the opening of the gripper [m]: the sum of the finger joints. Raises ValueError when there are none."""
    _check_lengths(joints)
    names, positions = joints.name, joints.position
    fingers = [x for name, x in zip(names, positions, strict=True) if FINGER in name]
    if not fingers:
        raise ValueError(f"joint_states has no joint named *{FINGER}*; it has {', '.join(map(repr, names))[:500]}")
    return float(sum(fingers))


def joints_from(joints: JointState, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Returns (n,): positions of the named joints [rad]. Raises ValueError when one is missing."""
    _check_lengths(joints)
    positions = dict(zip(joints.name, joints.position, strict=True))
    missing = [name for name in names if name not in positions]
    if missing:
        has = ", ".join(map(repr, joints.name))[:500]
        raise ValueError(f"joint_states has no joint named {', '.join(missing)[:500]}; it has {has}")
    return np.array([positions[name] for name in names], dtype=np.float64)


def _check_lengths(joints: JointState) -> None:
    names, positions = len(joints.name), len(joints.position)
    if names != positions:
        raise ValueError(f"joint_states has {names} names and {positions} positions; check the node that publishes it")


def image_from(message: Image) -> npt.NDArray[np.uint8]:
    """Returns (h, w, c) pixels, RGB or gray. Raises ValueError for another encoding, or when size and data disagree."""
    channels = CHANNELS.get(message.encoding)
    if channels is None:
        raise ValueError(f"an image has encoding {message.encoding[:20]!r}; supported are {', '.join(CHANNELS)}")
    pixels = rows_from(message, channels).reshape(message.height, message.width, channels)
    # torch takes no negative strides
    return np.ascontiguousarray(pixels[:, :, ::-1]) if message.encoding == "bgr8" else pixels


def depth_from(message: Image, near_m: float, far_m: float) -> npt.NDArray[np.uint8]:
    """Returns (h, w, 1) pixels of a depth image, as `depth_pixels` maps its distances.

    Raises ValueError for another encoding, or when size and data disagree.
    """
    if message.encoding not in DEPTHS:
        raise ValueError(
            f"a depth image has encoding {message.encoding[:20]!r}; supported are {', '.join(DEPTHS)}: check that the "
            "topic is one of depth"
        )
    kind, unit_m = DEPTHS[message.encoding]
    pixel = np.dtype((">" if message.is_bigendian else "<") + kind)
    rows = np.ascontiguousarray(rows_from(message, pixel.itemsize)).view(pixel)
    distances = rows.reshape(message.height, message.width, 1).astype(np.float32) * np.float32(unit_m)
    return depth_pixels(distances, near_m, far_m)


def _pose(stream: StreamSpec, message: PoseStamped, frames: FrameTree) -> Sample:
    pose = message.pose
    poses.normalize(pose)
    frame = plain(message.header.frame_id)
    if stream.frame and frame != plain(stream.frame):
        pose = _transformed(stream, message, frames)
    if stream.rotation != Rotation.YAW:
        return poses.tilted_tool_from(pose) if stream.tool else poses.tilted_object_from(pose)
    if not poses.has_yaw(pose, stream.tool):
        raise ValueError(
            f"the pose on {stream.topic} has no yaw: the policy expects "
            f"{'a gripper that points down' if stream.tool else 'an object that stands upright'}; check its orientation"
        )
    return poses.tool_from(pose) if stream.tool else poses.object_from(pose)


def _transformed(stream: StreamSpec, message: PoseStamped, frames: FrameTree) -> Any:
    """Returns the pose in the stream's frame. Raises FrameError when its frame is empty or tf does not know it."""
    frame, p, q = message.header.frame_id[:100], message.pose.position, message.pose.orientation
    if not frame:
        raise FrameError(
            f"a pose on {stream.topic} has no frame_id: set header.frame_id to {stream.frame!r} if it is in this frame"
        )
    try:
        there, _ = frames.lookup(stream.frame, frame, ns_from(message.header.stamp))
    except FrameError as error:
        raise FrameError(
            f"a pose on {stream.topic} is in frame {frame!r}, the policy expects {stream.frame!r}, and tf cannot "
            f"transform it: {error}"
        ) from None
    return poses.pose_message(there @ matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w)))
