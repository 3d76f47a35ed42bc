"""The parts of an action spec as plain values for a JSON file, and back with every type checked."""

import math
from dataclasses import asdict, fields
from enum import Enum
from typing import Any

from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction, JointAction
from zprl_core.rotation import Rotation


def arm_to_json(arm: ArmAction) -> dict[str, Any]:
    kind = "cartesian" if isinstance(arm.motion, CartesianAction) else "joints"
    motion = {k: v.value if isinstance(v, Enum) else v for k, v in asdict(arm.motion).items()}
    gripper = None if arm.gripper is None else asdict(arm.gripper)
    return {"arm": arm.arm, "frame": arm.frame, kind: motion, "gripper": gripper}


def arm_from_json(value: Any) -> ArmAction:
    if not isinstance(value, dict) or not {"arm", "frame", "gripper"} < value.keys() or len(value) != 4:
        raise ValueError("an arm's action has arm, frame, gripper, and cartesian or joints")
    if not isinstance(value["arm"], str) or not isinstance(value["frame"], str):
        raise ValueError("an arm's name and frame are strings")
    motion: CartesianAction | JointAction
    if "cartesian" in value:
        motion = dataclass_from(CartesianAction, value["cartesian"])
    elif "joints" in value:
        motion = dataclass_from(JointAction, value["joints"])
    else:
        raise ValueError("an arm's motion is cartesian or joints")
    gripper = None if value["gripper"] is None else dataclass_from(GripperAction, value["gripper"])
    return ArmAction(value["arm"], motion, gripper, value["frame"])


def dataclass_from(kind: Any, value: Any) -> Any:
    """A dataclass of numbers, strings, flags and tuples of them. Raises ValueError when a field is of another type."""
    if not isinstance(value, dict) or not value.keys() <= {f.name for f in fields(kind)}:
        raise ValueError(f"{kind.__name__} has a field that is unknown here")
    given: dict[str, Any] = {}
    for key, x in value.items():
        if key == "rotation":
            given[key] = Rotation(x)
        elif key == "absolute":
            if not isinstance(x, bool):
                raise ValueError("absolute is true or false")
            given[key] = x
        elif key == "joints":
            if not isinstance(x, list | tuple) or not all(isinstance(name, str) for name in x):
                raise ValueError("joints is a list of names")
            given[key] = tuple(x)
        elif isinstance(x, list | tuple):
            given[key] = tuple(number_from(y, key) for y in x)
        else:
            given[key] = number_from(x, key)
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{kind.__name__} is not complete ({error})") from None


def number_from(x: Any, name: str) -> float:
    if isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x):
        raise ValueError(f"{name} is a finite number, got {str(x)[:50]!r}")
    return float(x)
