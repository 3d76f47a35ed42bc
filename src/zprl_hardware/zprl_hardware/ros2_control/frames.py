"""A small tf buffer: the newest transform of each frame, and the pose of one frame in another.

tf2_ros is not on PyPI, and the driver needs only the newest pose: no history, no interpolation.
"""

from dataclasses import dataclass

import numpy as np

from zprl_control.driver import ArmLost
from zprl_core.geometry import Matrix, inverse

LONGEST = 100  # most frames up to the root; a longer path is a loop
MOST = 1000  # most frames kept


@dataclass(frozen=True)
class Edge:
    """The pose of a frame in its parent."""

    parent: str
    matrix: Matrix  # (4, 4)
    received_s: float  # infinity for a static one, which never ages


class FrameTree:
    """Transforms from /tf and /tf_static, by child frame."""

    def __init__(self) -> None:
        self._edges: dict[str, Edge] = {}

    def update(self, parent: str, child: str, matrix: Matrix, received_s: float, static: bool = False) -> None:
        """Takes one transform: the pose of `child` in `parent`."""
        if _plain(child) in self._edges or len(self._edges) < MOST:
            self._edges[_plain(child)] = Edge(_plain(parent), matrix, float("inf") if static else received_s)

    def lookup(self, base: str, tool: str) -> tuple[Matrix, float]:
        """The pose of `tool` in `base`, and when the oldest transform of the path arrived [s].

        Raises ArmLost naming the frame where the path ends.
        """
        base, tool = _plain(base), _plain(tool)
        up = self._path(base)
        pose, received_s, frame = np.eye(4), float("inf"), tool
        for _ in range(LONGEST):
            if frame in up:
                there, there_s = up[frame]
                return inverse(there) @ pose, min(received_s, there_s)
            edge = self._edges.get(frame)
            if edge is None:
                break
            pose, received_s, frame = edge.matrix @ pose, min(received_s, edge.received_s), edge.parent
        raise ArmLost(self._unconnected(base, tool, frame))

    def _path(self, base: str) -> dict[str, tuple[Matrix, float]]:
        """The pose of `base` in each frame up to the root, and the oldest arrival."""
        pose, received_s, frame = np.eye(4), float("inf"), base
        path = {base: (pose, received_s)}
        while (edge := self._edges.get(frame)) is not None and edge.parent not in path:
            pose, received_s, frame = edge.matrix @ pose, min(received_s, edge.received_s), edge.parent
            path[frame] = (pose, received_s)
        return path

    def _unconnected(self, base: str, tool: str, root: str) -> str:
        if not self._edges:
            return f"no transforms on /tf yet; start robot_state_publisher, or use another source {SOURCE}"
        known = set(self._edges) | {edge.parent for edge in self._edges.values()}
        missing = [frame for frame in (base, tool) if frame not in known]
        if missing:
            return f"tf has no frame {' nor '.join(missing)}; set ros2_control.base_frame and ros2_control.tool_frame"
        return f"tf does not connect {tool} with {base}: the path ends at {root}; check that robot_state_publisher runs"


SOURCE = "(ros2_control.tool_source)"


def _plain(frame: str) -> str:
    """Remove a leading slash, which tf2 does not use but some publishers still write."""
    return frame.lstrip("/")
