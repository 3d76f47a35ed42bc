"""Markers for rviz and Foxglove. Colors differ also for color-blind people (Okabe and Ito)."""

from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose
from nav_msgs.msg import Path
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker

from zprl_view.trail import TrailPoint

BLUE, BROWN, RED, GREEN = (0.0, 0.45, 0.70), (0.54, 0.43, 0.23), (0.84, 0.37, 0.0), (0.0, 0.62, 0.45)
GREY, WHITE = (0.55, 0.55, 0.55), (0.95, 0.95, 0.95)
THIN_M, THICK_M, DOT_M = 0.002, 0.004, 0.012
TEXT_M = 0.025

Corner = Sequence[float]


def color(rgb: tuple[float, float, float], alpha: float = 1.0) -> ColorRGBA:
    return ColorRGBA(r=rgb[0], g=rgb[1], b=rgb[2], a=alpha)


def marker(kind: int, name: str, header: Header, rgb: tuple[float, float, float], size: float) -> Marker:
    """A marker of namespace `name`, with lines or points of this size [m]."""
    made = Marker(header=header, ns=name, id=0, type=kind, action=Marker.ADD, color=color(rgb))
    made.pose.orientation.w = 1.0
    made.scale.x = made.scale.y = made.scale.z = size
    return made


def removed(name: str, header: Header) -> Marker:
    """Removes the marker of this namespace."""
    return Marker(header=header, ns=name, id=0, action=Marker.DELETE)


def box_edges(name: str, header: Header, low: Corner, high: Corner) -> Marker:
    """The twelve edges of a box."""
    made = marker(Marker.LINE_LIST, name, header, GREY, THIN_M)
    corners = [Point(x=x, y=y, z=z) for x, y, z in product(*zip(low, high, strict=True))]
    made.points = [corners[k] for a in range(8) for b in (1, 2, 4) if not a & b for k in (a, a | b)]
    return made


def region(name: str, header: Header, low: Corner, high: Corner, at: Pose | None) -> Marker:
    """A box that is half transparent, around `at` or where it stands."""
    made = marker(Marker.CUBE, name, header, GREEN, 0.0)
    made.color.a = 0.25
    center, size = (np.array(low) + np.array(high)) / 2, np.array(high) - np.array(low)
    origin = np.zeros(3) if at is None else np.array([at.position.x, at.position.y, at.position.z])
    x, y, z = (center + origin).tolist()
    made.pose.position = Point(x=x, y=y, z=z)
    made.scale.x, made.scale.y, made.scale.z = size.tolist()
    return made


def trail(name: str, header: Header, points: Sequence[TrailPoint]) -> Marker:
    """The path of the tool, red where a guard changed the commands."""
    if len(points) < 2:
        return removed(name, header)
    made = marker(Marker.LINE_STRIP, name, header, GREY, THICK_M)
    made.points = [_point(each.position) for each in points]
    made.colors = [color(RED if each.clipped else GREY) for each in points]
    return made


def plan(name: str, path: Path, rgb: tuple[float, float, float]) -> Iterable[Marker]:
    """A chunk: a line through its tool positions, and a dot at its end."""
    positions = [pose.pose.position for pose in path.poses]
    line = marker(Marker.LINE_STRIP, name, path.header, rgb, THICK_M)
    line.points = positions
    if len(positions) < 2:
        return removed(name, path.header), removed(f"{name} end", path.header)
    end = marker(Marker.SPHERE, f"{name} end", path.header, rgb, DOT_M)
    end.pose.position = positions[-1]
    return line, end


def target(name: str, header: Header, pose: Pose) -> Marker:
    """The position that the servo was sent last."""
    made = marker(Marker.SPHERE, name, header, RED, DOT_M)
    made.pose = pose
    return made


def thing(name: str, header: Header, pose: Pose) -> Marker:
    """An object where it is perceived: a small cube in its frame."""
    made = marker(Marker.CUBE, f"object {name}", header, WHITE, 0.02)
    made.color.a = 0.8
    made.pose = pose
    return made


def text(name: str, header: Header, words: str, at: Corner) -> Marker:
    """Text that faces the viewer."""
    made = marker(Marker.TEXT_VIEW_FACING, name, header, WHITE, TEXT_M)
    made.text = words
    made.pose.position = _point(at)
    return made


def fixed(frame: str) -> Header:
    """A header without a stamp: rviz then uses the newest transform."""
    return Header(frame_id=frame, stamp=Time())


def _point(position: Corner) -> Point:
    x, y, z = position
    return Point(x=float(x), y=float(y), z=float(z))
