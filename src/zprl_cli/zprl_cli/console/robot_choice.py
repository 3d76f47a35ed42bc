"""Chooses the robot of a graph that a console is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

ONLY = "robot"  # name of the only robot of a graph, in the episodes' events
SEVERAL = re.compile(r"robot_\d+")
OF_A_ROBOT = ("episode", "policy")  # nodes that each robot has


@dataclass(frozen=True)
class Robot:
    """A robot: its name in the episodes' events, and its namespace without slashes."""

    name: str
    namespace: str


def chosen_robot(wanted: str, nodes: Sequence[str]) -> Robot:
    """Return the robot `wanted`, or with "" the only one. `nodes`: full names, none of them where they are unknown.

    Raises ValueError when there are several, or not the one that is wanted.
    """
    parts = [node.strip("/").rpartition("/") for node in nodes]
    known = sorted({space for space, _, name in parts if name in OF_A_ROBOT} or {space for space, _, _ in parts})
    wanted = wanted.strip("/")
    if wanted and known and wanted not in known:
        raise ValueError(
            f"--robot {wanted} is not in the graph, which has {', '.join(filter(None, known)) or 'one robot'}"
        )
    if not wanted and len(known) > 1:
        raise ValueError(f"the graph has several robots; choose one: --robot {' or '.join(filter(None, known))}")
    namespace = wanted or (known[0] if known else "")
    return Robot(namespace if SEVERAL.fullmatch(namespace) else ONLY, namespace)
