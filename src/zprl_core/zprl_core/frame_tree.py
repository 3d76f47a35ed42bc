"""A small tf buffer: the transforms of /tf and /tf_static, and the pose of one frame in another.

tf2_ros is not on PyPI. Like it, the tree interpolates between the stamps of moving frames, but extrapolates a little.
"""

import math
from bisect import bisect_right, insort
from dataclasses import dataclass, field

import numpy as np

from zprl_core import rotation
from zprl_core.geometry import Matrix, inverse

LONGEST = 100  # most frames up to the root; a longer path is a loop
MOST = 1000  # most frames kept
MOST_SAMPLES = 2000  # most transforms kept of a moving frame
BEYOND_NS = 200_000_000  # how far a stamp may lie outside a moving frame's transforms
BACK_NS = 500_000_000  # a transform that is this much older than the newest one means that the clock was set back


class FrameError(ValueError):
    """The tree does not contain or connect the frames, or not at this time; the message says which and why."""


@dataclass(frozen=True)
class Transform:
    """The pose of a frame in its parent at one time."""

    stamp_ns: int  # on the publisher's clock
    received_s: float  # arrival; infinity for a static one, which never ages
    matrix: Matrix  # (4, 4)


@dataclass
class Edge:
    """The transforms of a frame in its parent, in the order of their stamps."""

    parent: str
    static: bool
    samples: list[Transform] = field(default_factory=list)

    def add(self, new: Transform, history_ns: int) -> None:
        """Takes a transform, and drops those that are older than the newest by `history_ns`."""
        if self.static or (self.samples and new.stamp_ns < self.samples[-1].stamp_ns - BACK_NS):
            self.samples.clear()
        if self.samples and self.samples[-1].stamp_ns == new.stamp_ns:
            self.samples.pop()
        insort(self.samples, new, key=lambda sample: sample.stamp_ns)
        oldest_ns = self.samples[-1].stamp_ns - history_ns
        while len(self.samples) > MOST_SAMPLES or self.samples[0].stamp_ns < oldest_ns:
            self.samples.pop(0)

    def at(self, stamp_ns: int | None, frame: str) -> Transform:
        """Returns the transform at `stamp_ns`, interpolated; None: the newest. Raises FrameError outside of it."""
        samples = self.samples
        if stamp_ns is None or self.static:
            return samples[-1]
        after = bisect_right(samples, stamp_ns, key=lambda sample: sample.stamp_ns)
        if 0 < after < len(samples):
            return _between(samples[after - 1], samples[after], stamp_ns)
        nearest = samples[0] if after == 0 else samples[-1]
        apart_s = (stamp_ns - nearest.stamp_ns) * 1e-9
        if abs(apart_s) * 1e9 > BEYOND_NS:
            order = "newest" if apart_s > 0 else "oldest"
            raise FrameError(
                f"tf has {frame} in {self.parent} only at other times: the {order} transform is {abs(apart_s):.2f} s "
                f"{'older' if apart_s > 0 else 'newer'}; check the node that publishes it, and the clocks"
            )
        return nearest


class FrameTree:
    """Transforms by child frame. `history_s`: how long transforms are kept, for lookups by stamp; 0: the newest."""

    def __init__(self, history_s: float = 0.0) -> None:
        self._edges: dict[str, Edge] = {}
        self._history_ns = round(history_s * 1e9)

    def update(
        self, parent: str, child: str, matrix: Matrix, received_s: float, static: bool = False, stamp_ns: int = 0
    ) -> None:
        """Takes one transform: the pose of `child` in `parent`."""
        parent, child = plain(parent), plain(child)
        edge = self._edges.get(child)
        if edge is None and len(self._edges) >= MOST:
            return
        if edge is None or edge.parent != parent or edge.static != static:
            edge = self._edges[child] = Edge(parent, static)
        edge.add(Transform(stamp_ns, math.inf if static else received_s, matrix), self._history_ns)

    def lookup(self, base: str, tool: str, stamp_ns: int | None = None) -> tuple[Matrix, float]:
        """Returns the pose of `tool` in `base`, and when the oldest transform of the path arrived [s].

        `stamp_ns`: at this time; None: the newest. Raises FrameError naming the frame where the path ends.
        """
        base, tool = plain(base), plain(tool)
        up = self._path(base, stamp_ns)
        pose, received_s, frame = np.eye(4), math.inf, tool
        for _ in range(LONGEST):
            if frame in up:
                there, there_s = up[frame]
                return inverse(there) @ pose, min(received_s, there_s)
            edge = self._edges.get(frame)
            if edge is None:
                break
            step = edge.at(stamp_ns, frame)
            pose, received_s, frame = step.matrix @ pose, min(received_s, step.received_s), edge.parent
        raise FrameError(self._unconnected(base, tool, frame))

    def root(self, frame: str) -> str:
        """Returns the frame at the end of the path from `frame` up; `frame` itself if nothing is known of it."""
        frame = plain(frame)
        for _ in range(LONGEST):
            if frame not in self._edges:
                break
            frame = self._edges[frame].parent
        return frame

    def _path(self, base: str, stamp_ns: int | None) -> dict[str, tuple[Matrix, float]]:
        """Returns the pose of `base` in each frame up to the root, and the oldest arrival."""
        pose, received_s, frame = np.eye(4), math.inf, base
        path = {base: (pose, received_s)}
        while (edge := self._edges.get(frame)) is not None and edge.parent not in path:
            try:
                step = edge.at(stamp_ns, frame)
            except FrameError:
                break  # the path may not need it
            pose, received_s, frame = step.matrix @ pose, min(received_s, step.received_s), edge.parent
            path[frame] = (pose, received_s)
        return path

    def _unconnected(self, base: str, tool: str, root: str) -> str:
        if not self._edges:
            return "no transforms on /tf yet; start robot_state_publisher"
        known = set(self._edges) | {edge.parent for edge in self._edges.values()}
        missing = [frame for frame in (base, tool) if frame not in known]
        if missing:
            return f"tf has no frame {' nor '.join(missing)}"
        return f"tf does not connect {tool} with {base}: the path ends at {root}; check that robot_state_publisher runs"


def plain(frame: str) -> str:
    """Returns a frame without a leading slash, which tf2 does not use but some publishers still write."""
    return frame.lstrip("/")


def _between(before: Transform, after: Transform, stamp_ns: int) -> Transform:
    """Returns the transform at a time between two others: linear in position and in the angle of rotation."""
    share = (stamp_ns - before.stamp_ns) / (after.stamp_ns - before.stamp_ns)
    turn = rotation.to_vector(before.matrix[:3, :3].T @ after.matrix[:3, :3])
    matrix = np.eye(4)
    matrix[:3, :3] = before.matrix[:3, :3] @ rotation.from_vector(share * turn)
    matrix[:3, 3] = (1.0 - share) * before.matrix[:3, 3] + share * after.matrix[:3, 3]
    return Transform(stamp_ns, min(before.received_s, after.received_s), matrix)
