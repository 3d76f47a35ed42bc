"""Messages to records and back: the one place that knows both. Flat arrays go through array.array, which rclpy copies
without looking at each element."""

import array
import math

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Pose
from sensor_msgs.msg import JointState

from zprl_core.action import ArmTarget
from zprl_core.files import checksum_of
from zprl_core.observation import PlanarPose
from zprl_msgs.msg import ActorWeights, ArmCommand

FINGER = "finger_joint"


def time_from(stamp_ns: int) -> Time:
    """Nanoseconds as a message's time."""
    return Time(sec=stamp_ns // 1_000_000_000, nanosec=stamp_ns % 1_000_000_000)


def ns_from(stamp: Time) -> int:
    """A message's time in nanoseconds."""
    return int(stamp.sec * 1_000_000_000 + stamp.nanosec)


def tool_from(pose: Pose) -> PlanarPose:
    """The tool's pose; the hand points down, so q = Rz(yaw) Rx(pi) = (cos yaw/2, sin yaw/2, 0, 0) as x, y, z, w."""
    p, q = pose.position, pose.orientation
    return PlanarPose((p.x, p.y, p.z), _wrapped(2.0 * math.atan2(q.y, q.x)))


def object_from(pose: Pose) -> PlanarPose:
    """An object's pose: its yaw about the base's z axis."""
    p, q = pose.position, pose.orientation
    yaw = math.atan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z))
    return PlanarPose((p.x, p.y, p.z), yaw)


def width_from(joints: JointState) -> float:
    """Opening of the gripper [m]: the sum of the finger joints. Raises ValueError when there are none."""
    names, positions = joints.name, joints.position
    if len(names) != len(positions):
        raise ValueError(f"joint_states has {len(names)} names and {len(positions)} positions; see who publishes it")
    fingers = [x for name, x in zip(names, positions, strict=True) if FINGER in name]
    if not fingers:
        raise ValueError(f"joint_states has no joint named *{FINGER}*; it has {', '.join(map(repr, names))[:500]}")
    return float(sum(fingers))


def command_message(target: ArmTarget, stamp_ns: int, source: str, actor_version: int) -> ArmCommand:
    """The command that answers the observation of `stamp_ns`."""
    message = ArmCommand(gripper_width=target.width, source=source, weights_number=actor_version)
    message.header.stamp = time_from(stamp_ns)
    message.header.frame_id = "fr3_link0"
    pose, half = message.target, target.tool.yaw / 2
    pose.position.x, pose.position.y, pose.position.z = target.tool.position
    pose.orientation.x, pose.orientation.y, pose.orientation.w = math.cos(half), math.sin(half), 0.0
    return message


def weights_message(data: bytes, run: str, actor_version: int, updates: int, env_steps: int, base: str) -> ActorWeights:
    """Actor weights for the wire, with their checksum."""
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


def _wrapped(angle: float) -> float:
    return math.remainder(angle, math.tau)
