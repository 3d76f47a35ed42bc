"""One arm's action as plain values for a JSON file, and back with every type checked."""

from typing import Any

from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction, JointAction
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain

MOTIONS = {"cartesian": CartesianAction, "joints": JointAction}


def arm_to_json(arm: ArmAction) -> dict[str, Any]:
    """Name, frame, gripper (or None), and the motion under `cartesian` or `joints`."""
    (kind,) = (name for name, motion in MOTIONS.items() if isinstance(arm.motion, motion))
    gripper = None if arm.gripper is None else flatten(arm.gripper)
    return {"arm": arm.arm, "frame": arm.frame, kind: flatten(arm.motion), "gripper": gripper}


def arm_from_json(value: Any) -> ArmAction:
    """What `arm_to_json` gave. Raises ValueError when it is something else."""
    if not isinstance(value, dict) or not {"arm", "frame", "gripper"} < value.keys() or len(value) != 4:
        raise ValueError("an arm's action has arm, frame, gripper, and cartesian or joints")
    if not isinstance(value["arm"], str) or not isinstance(value["frame"], str):
        raise ValueError("an arm's name and frame are strings")
    (kind,) = value.keys() - {"arm", "frame", "gripper"}
    if kind not in MOTIONS:
        raise ValueError("an arm's motion is cartesian or joints")
    gripper = None if value["gripper"] is None else from_plain(GripperAction, value["gripper"])
    return ArmAction(value["arm"], from_plain(MOTIONS[kind], value[kind]), gripper, value["frame"])
