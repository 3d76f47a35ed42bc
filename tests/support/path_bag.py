"""A bag of an episode in lockstep whose arm moves as given, with a cube that rests."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geometry_msgs.msg import PoseStamped
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState

from zprl_core.arm_mode import ArmMode
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.observation import Pose
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import object_message, tool_message
from zprl_msgs.msg import ArmStatus
from zprl_sim.tasks.catalog import task_named

BEGIN_NS, PERIOD_NS = 1_000_000_000, 50_000_000
FRAME = "fr3_link0"


def path_bag(folder: Path, places: Sequence[Pose], widths: Sequence[float], task: str = "lift") -> Path:
    """Write a bag of a success: `places` are the measured tools, each the target of the step before it."""
    chosen = task_named(task)
    specs = {"observation": chosen.observation.to_json(), "action": chosen.action.to_json()}
    ended_ns = BEGIN_NS + (len(places) - 1) * PERIOD_NS
    custom = {
        "task": task,
        "label": "success",
        "started_ns": str(BEGIN_NS),
        "ended_ns": str(ended_ns),
        "dropped": "0",
        "steps": str(len(places) - 1),
        "configuration": json.dumps({**specs, "options": {"lockstep": True}}),
    }
    writer = BagWriter(folder, custom)
    for k, (place, width) in enumerate(zip(places, widths, strict=True)):
        at_ns = BEGIN_NS + k * PERIOD_NS
        for name, message in _messages(place, width).items():
            message.header.stamp, message.header.frame_id = time_from(at_ns), FRAME
            kind = f"{type(message).__module__.split('.')[0]}/msg/{type(message).__name__}"
            writer.add_topic(BagTopic(name, kind, definition(kind), type_hash(kind)))
            writer.write(name, serialize_message(message), at_ns, at_ns)
    writer.finish({})
    return folder


def _messages(place: Pose, width: float) -> dict[str, Any]:
    half = width / 2
    status = ArmStatus(mode=ArmMode.STREAM, executed_target=tool_message(place), executed_width=width, source="policy")
    return {
        "/joint_states": JointState(name=["fr3_finger_joint1", "fr3_finger_joint2"], position=[half, half]),
        "/arm/current_pose": PoseStamped(pose=tool_message(place)),
        "/objects/cube/pose": PoseStamped(pose=object_message(Pose((0.5, 0.1, 0.02)))),
        "/arm/status": status,
    }
