"""The frames of a robot's links at given joint positions, from its URDF."""

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from zprl_core import rotation
from zprl_core.errors import quoted
from zprl_core.geometry import Matrix, from_rpy

TURNING, SLIDING, FIXED = ("revolute", "continuous"), ("prismatic",), ("fixed",)
MOST_JOINTS = 500
LONGEST = 2_000_000  # characters of a URDF


@dataclass(frozen=True, eq=False)
class Joint:
    """A joint: the frame of `child` in that of `parent`, when its position is 0, and the axis it moves on."""

    name: str
    kind: str
    parent: str
    child: str
    origin: Matrix  # (4, 4)
    axis: tuple[float, float, float]
    mimics: tuple[str, float, float] = ("", 1.0, 0.0)  # joint that it follows, factor and offset

    def transform(self, positions: Mapping[str, float]) -> Matrix | None:
        """Return (4, 4): the child's frame in the parent's; None where the position is unknown."""
        if self.kind in FIXED:
            return self.origin
        leader, factor, offset = self.mimics
        position = positions.get(self.name)
        if position is None and leader in positions:
            position = factor * positions[leader] + offset
        if position is None or not math.isfinite(position):
            return None
        motion, axis = np.eye(4), np.array(self.axis)
        if self.kind in TURNING:
            motion[:3, :3] = rotation.from_vector(axis * position)
        else:
            motion[:3, 3] = axis * position
        moved: Matrix = self.origin @ motion
        return moved


def joints_of(urdf: str) -> tuple[Joint, ...]:
    """Read the joints of a URDF. Raises ValueError that names what cannot be used."""
    if len(urdf) > LONGEST:
        raise ValueError(f"the robot description has over {LONGEST} characters")
    try:
        elements = ET.fromstring(urdf).findall("joint")
    except ET.ParseError as error:
        raise ValueError(f"the robot description is no XML: {error}") from None
    if len(elements) > MOST_JOINTS:
        raise ValueError(f"the robot description has {len(elements)} joints, more than {MOST_JOINTS}")
    return tuple(_joint(element) for element in elements if element.get("type") in (*TURNING, *SLIDING, *FIXED))


def roots(joints: Iterable[Joint]) -> list[str]:
    """Return the links that no joint moves."""
    joints = tuple(joints)
    children = {joint.child for joint in joints}
    return list(dict.fromkeys(joint.parent for joint in joints if joint.parent not in children))


def _joint(element: ET.Element) -> Joint:
    name = element.get("name", "")
    try:
        origin, axis, mimic = (element.find(tag) for tag in ("origin", "axis", "mimic"))
        xyz, rpy = _three(origin, "xyz", (0.0, 0.0, 0.0)), _three(origin, "rpy", (0.0, 0.0, 0.0))
        x, y, z = _three(axis, "xyz", (1.0, 0.0, 0.0))
        length = math.hypot(x, y, z)
        if not length > 0.0:
            raise ValueError("its axis has no length")
        mimics = ("", 1.0, 0.0)
        if mimic is not None:
            mimics = (mimic.get("joint", ""), float(mimic.get("multiplier", "1")), float(mimic.get("offset", "0")))
        return Joint(
            name, element.get("type", ""), _link(element, "parent"), _link(element, "child"),
            from_rpy((*xyz, *rpy)), (x / length, y / length, z / length), mimics,
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f"joint {quoted(name)} of the robot description cannot be used: {quoted(error)}") from None


def _link(element: ET.Element, tag: str) -> str:
    found = element.find(tag)
    name = "" if found is None else found.get("link", "")
    if not name:
        raise ValueError(f"it has no {tag} link")
    return name


def _three(element: ET.Element | None, name: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
    text = None if element is None else element.get(name)
    if text is None:
        return default
    numbers = [float(word) for word in text.split()]
    if len(numbers) != 3 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{name} is {text!r}, not three numbers")
    return numbers[0], numbers[1], numbers[2]
