"""Samples and targets as numbers in physical units: meters, radians, and orientations as on the topics of an arm."""

import numpy as np
import numpy.typing as npt

from zprl_cli.datasets.rotation_form import RotationForm, quaternion, rows
from zprl_core.action import ArmTarget
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.observation import TOOL, Pose, Sample
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.rotation import Rotation

Numbers = npt.NDArray[np.float64]
OVER = np.diag([1.0, -1.0, -1.0])  # Rx(pi): from a pose's R to the rotation of a gripper that points down
POSE = ("x", "y", "z", "qx", "qy", "qz", "qw")
ROWS = ("r11", "r12", "r13", "r21", "r22", "r23")


def sample_numbers(stream: StreamSpec, sample: Sample) -> list[float]:
    """Returns a sample that is no image: of a pose position and quaternion x, y, z, w in the base frame."""
    if isinstance(sample, Pose):
        return [*sample.position, *quaternion(_matrix(sample, stream.tool))]
    return [sample] if isinstance(sample, float) else [float(x) for x in sample]


def sample_names(stream: StreamSpec) -> list[str]:
    """Returns the names of `sample_numbers`."""
    match stream.kind:
        case StreamKind.POSE:
            return [f"{stream.name}.{part}" for part in POSE]
        case StreamKind.WIDTH:
            return [stream.name]
        case StreamKind.JOINTS:
            return [f"{stream.name}.{joint}" for joint in stream.joints]
        case StreamKind.VECTOR:
            return [f"{stream.name}.{i}" for i in range(stream.shape[0])]
        case StreamKind.IMAGE:
            return []


def target_numbers(arm: ArmAction, target: ArmTarget) -> list[float]:
    """Returns an arm's target: absolute position and two rows of the rotation matrix, or joints; then the width [m]."""
    if target.tool is None:
        numbers = list(target.joints)
    else:
        numbers = [*target.tool.position, *rows(_matrix(target.tool, tool=True))]
    return numbers + ([target.width] if arm.gripper is not None else [])


def target_names(arm: ArmAction) -> list[str]:
    """Returns the names of `target_numbers`."""
    place = f"{arm.arm}/" if arm.arm else ""
    if isinstance(arm.motion, JointAction):
        names = [f"{place}{joint}" for joint in arm.motion.joints]
    else:
        names = [f"{place}{TOOL}.{part}" for part in (*POSE[:3], *ROWS)]
    return names + ([f"{place}width"] if arm.gripper is not None else [])


def pose_from(stream: StreamSpec, numbers: Numbers, form: RotationForm) -> Pose:
    """Returns the pose in three numbers of the position and those of the orientation.

    Raises ValueError when they are no rotation. Where the policy observes a yaw only, a tilt is dropped.
    """
    x, y, z = (float(v) for v in numbers[:3])
    if form == RotationForm.NONE:
        return Pose((x, y, z))
    matrix = form.matrix([float(v) for v in numbers[3:]])
    pose = Pose.turned((x, y, z), matrix @ OVER if stream.tool else matrix)
    return Pose(pose.position, pose.yaw) if stream.rotation == Rotation.YAW else pose


def _matrix(pose: Pose, tool: bool) -> Numbers:
    return np.asarray(pose.matrix @ OVER if tool else pose.matrix)
