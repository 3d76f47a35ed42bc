"""The path of an arm's tool in the last seconds, and where a guard changed its commands."""

from collections import deque
from dataclasses import dataclass

Position = tuple[float, float, float]

CLOSE_M = 0.002  # a tool that moved less than this adds no point


@dataclass(frozen=True)
class TrailPoint:
    """One position [m] in the base frame. `clipped`: a guard changed the command that led here."""

    stamp_ns: int
    position: Position
    clipped: bool


class Trail:
    """Keeps the newest points. After a jump of the clock it begins anew."""

    def __init__(self, duration_s: float):
        self._duration_ns = round(duration_s * 1e9)
        self._points: deque[TrailPoint] = deque()

    @property
    def points(self) -> list[TrailPoint]:
        """The points, oldest first."""
        return list(self._points)

    def add(self, point: TrailPoint) -> None:
        """Add a point, and forget those that are too old."""
        points = self._points
        if points and point.stamp_ns < points[-1].stamp_ns:
            points.clear()
        if points and point.clipped == points[-1].clipped and _near(point.position, points[-1].position):
            return
        points.append(point)
        while points[0].stamp_ns < point.stamp_ns - self._duration_ns:
            points.popleft()


def _near(a: Position, b: Position) -> bool:
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) < CLOSE_M**2
