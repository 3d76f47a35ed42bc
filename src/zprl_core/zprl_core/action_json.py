"""Converts one arm's action to plain JSON values and back, checking every type."""

from typing import Any

from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction, JointAction
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain

MOTIONS = {"cartesian": CartesianAction, "joints": JointAction}


def arm_to_json(arm: ArmAction) -> dict[str, Any]:
    """Returns name, frame, gripper (or None), and the motion under `cartesian` or `joints`."""
    (kind,) = (name for name, motion in MOTIONS.items() if isinstance(arm.motion, motion))
    gripper = None if arm.gripper is None else flatten(arm.gripper)
    return {"arm": arm.arm, "frame": arm.frame, kind: flatten(arm.motion), "gripper": gripper}


def arm_from_json(value: Any) -> ArmAction:
    """Rebuilds the action written by `arm_to_json`. Raises ValueError for anything else."""
    if not isinstance(value, dict) or not {"arm", "frame", "gripper"} < value.keys() or len(value) != 4:
        raise ValueError("an arm's action needs the keys arm, frame, gripper, and either cartesian or joints")
    if not isinstance(value["arm"], str) or not isinstance(value["frame"], str):
        raise ValueError("an arm's name and frame must be strings")
    (kind,) = value.keys() - {"arm", "frame", "gripper"}
    if kind not in MOTIONS:
        raise ValueError("an arm's motion must be cartesian or joints")
    gripper = None if value["gripper"] is None else from_plain(GripperAction, value["gripper"])
    return ArmAction(value["arm"], from_plain(MOTIONS[kind], value[kind]), gripper, value["frame"])
