"""The measured tool of an arm that is played, in a bag and on the robot."""

from zprl_core import topic_names
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.rotation import Rotation


def tool_stream(arm: ArmAction) -> StreamSpec:
    """Returns the stream of the arm's measured tool, in the frame and with the rotations of its actions.

    Every arm publishes it and every bag has it, whatever the policy observes.
    """
    planar = isinstance(arm.motion, CartesianAction) and arm.motion.rotation == Rotation.YAW
    turned = Rotation.YAW if planar else Rotation.SIX
    topic = arm.topic(topic_names.CURRENT_POSE)
    return StreamSpec(arm.stream, topic, StreamKind.POSE, frame=arm.frame, rotation=turned, tool=True)
