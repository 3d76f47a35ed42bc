"""Forward and inverse kinematics of one arm from its URDF, without masses and meshes."""

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zprl_control.safety.interpolator import rotation_between
from zprl_core.geometry import Matrix, from_rpy, quaternion_from

Array = npt.NDArray[np.float64]
MOVES = ("revolute", "continuous", "prismatic")
DAMPING = 0.02  # of the least squares [m]: limits joint speeds near a singularity
POSTURE = 0.02  # share of the distance from home that redundant joints move in each step
STEPS, CLOSE = 5, 1e-4  # greatest number of steps, and the error at which they end [m, rad]


@dataclass(frozen=True)
class Link:
    """One joint of the URDF with its child link."""

    name: str
    origin: Matrix  # (4, 4): its frame in the parent's
    axis: Array  # (3,) of length 1, in its own frame
    kind: str  # revolute, continuous, prismatic or fixed
    low: float
    high: float

    def at(self, q: float) -> Matrix:
        """(4, 4) pose of the child link in the parent link."""
        if self.kind == "fixed":
            return self.origin
        if self.kind == "prismatic":
            return self.origin + q * self._parts[0]
        sine, cosine = self._parts
        return self.origin + math.sin(q) * sine + (1.0 - math.cos(q)) * cosine

    @cached_property
    def _parts(self) -> tuple[Matrix, Matrix]:
        """Factors (4, 4) of q, or of sin(q) and 1 - cos(q) (Rodrigues): computed once, as guards look ahead often."""
        first, second = np.zeros((4, 4)), np.zeros((4, 4))
        if self.kind == "prismatic":
            first[:3, 3] = self.axis
        else:
            x, y, z = self.axis
            first[:3, :3] = [[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]
            second = first @ first
        return self.origin @ first, self.origin @ second


class KinematicChain:
    """Kinematics from a base link to a tool link; joint vectors are in the order of `joints`."""

    def __init__(self, links: tuple[Link, ...], joints: tuple[str, ...], home: tuple[float, ...]):
        self._links, self._home = links, np.array(home)
        self._index = [joints.index(link.name) if link.kind != "fixed" else -1 for link in links]
        ends = {link.name: (link.low, link.high) for link in links}
        self.low, self.high = np.array([ends[name] for name in joints]).T

    def pose(self, q: Array) -> Matrix:
        """(4, 4) pose of the tool in the base frame."""
        pose = np.eye(4)
        for link, index in zip(self._links, self._index, strict=True):
            pose = pose @ link.at(q[index])  # a fixed joint ignores it
        return pose

    def jacobian(self, q: Array) -> Array:
        """(6, n) from joint velocities to linear and angular velocity of the tool, in the base frame."""
        frames, pose = [], np.eye(4)
        for link, index in zip(self._links, self._index, strict=True):
            pose = pose @ link.at(q[index])
            frames.append((index, link.kind, pose[:3, :3] @ link.axis, pose[:3, 3]))
        jacobian = np.zeros((6, len(q)))
        for index, kind, axis, position in frames:
            if kind == "prismatic":
                jacobian[:3, index] = axis
            elif kind != "fixed":
                jacobian[:, index] = (*np.cross(axis, pose[:3, 3] - position), *axis)
        return jacobian

    def solve(self, q: Array, target: Matrix) -> tuple[Array, float]:
        """Joints near `q`, within their limits, that bring the tool to `target`; and the error that remains [m, rad].

        Damped least squares: near a singularity, or with a target out of reach, it stops as close as it gets.
        """
        for _ in range(STEPS):
            error = _difference(self.pose(q), target)
            if float(np.abs(error).max()) < CLOSE:
                break
            j = self.jacobian(q)
            inverse = j.T @ np.linalg.inv(j @ j.T + DAMPING**2 * np.eye(6))
            posture = (np.eye(len(q)) - inverse @ j) @ (POSTURE * (self._home - q))
            q = np.clip(q + inverse @ error + posture, self.low, self.high)
        return q, float(np.abs(_difference(self.pose(q), target)).max())


def read_chain(urdf: str, base: str, tool: str, joints: tuple[str, ...], home: tuple[float, ...]) -> KinematicChain:
    """The chain from link `base` to link `tool`. Raises ValueError naming the link or joint that does not fit."""
    if "<!DOCTYPE" in urdf or "<!ENTITY" in urdf:
        raise ValueError("the URDF has a DOCTYPE; remove it, a robot description needs none")
    try:
        root = ET.fromstring(urdf)
    except ET.ParseError as error:
        raise ValueError(f"the URDF is not XML: {error}; was xacro run on it?") from None
    above = {child.get("link", ""): joint for joint in root.findall("joint") for child in joint.findall("child")}
    links: list[Link] = []
    link = tool
    while link != base:
        joint = above.pop(link, None)  # each link once, so a loop ends
        if joint is None:
            raise ValueError(
                f"the URDF does not connect {tool} with {base}: the chain ends at {link}; set base_frame and tool_frame"
            )
        links.insert(0, _link(joint))
        parent = joint.find("parent")
        link = parent.get("link", "") if parent is not None else ""
    moving = [link.name for link in links if link.kind != "fixed"]
    if sorted(moving) != sorted(joints):
        raise ValueError(
            f"between {base} and {tool} the URDF has the joints {', '.join(moving)}; ros2_control.joints names "
            f"{', '.join(joints)}"
        )
    return KinematicChain(tuple(links), joints, home)


def _link(joint: ET.Element) -> Link:
    name, kind = joint.get("name", ""), joint.get("type", "")
    if kind not in (*MOVES, "fixed"):
        raise ValueError(
            f"joint {name} of the URDF has the type {kind or 'none'}; supported are {', '.join(MOVES)} and fixed"
        )
    axis = np.array(_numbers(joint, "axis", "xyz", "1 0 0"))
    length = float(np.linalg.norm(axis))
    if not 1e-6 < length < 1e6:
        raise ValueError(
            f"joint {name} of the URDF has the axis {axis.tolist()}, which has no direction; give it a length"
        )
    x, y, z = _numbers(joint, "origin", "xyz", "0 0 0")
    roll, pitch, yaw = _numbers(joint, "origin", "rpy", "0 0 0")
    low, high = -np.inf, np.inf
    if kind in ("revolute", "prismatic"):
        (low,) = _numbers(joint, "limit", "lower", "0")
        (high,) = _numbers(joint, "limit", "upper", "0")
    return Link(name, from_rpy((x, y, z, roll, pitch, yaw)), axis / length, kind, low, high)


def _numbers(joint: ET.Element, tag: str, key: str, default: str) -> tuple[float, ...]:
    element = joint.find(tag)
    text = default if element is None else element.get(key, default)
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError:
        values = ()
    if len(values) != len(default.split()) or not all(map(np.isfinite, values)):
        raise ValueError(
            f"joint {joint.get('name')} of the URDF has {key}={text!r}, expected {len(default.split())} numbers"
        )
    return values


def _difference(pose: Matrix, target: Matrix) -> Array:
    """(6,) from `pose` to `target`: translation [m] and rotation vector [rad], in the base frame."""
    turn = rotation_between(quaternion_from(pose), quaternion_from(target))
    return np.concatenate([target[:3, 3] - pose[:3, 3], turn])
