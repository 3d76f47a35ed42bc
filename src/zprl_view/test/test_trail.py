"""The path of the tool keeps what is recent."""

from zprl_view.trail import Trail, TrailPoint

S = 1_000_000_000


def at(seconds: float, x: float, clipped: bool = False) -> TrailPoint:
    return TrailPoint(round(seconds * S), (x, 0.0, 0.2), clipped)


def test_old_points_are_forgotten() -> None:
    trail = Trail(10.0)
    for k in range(30):
        trail.add(at(k, 0.01 * k))
    assert [p.stamp_ns // S for p in trail.points] == list(range(19, 30))


def test_a_tool_that_stands_adds_no_point_unless_a_guard_acts() -> None:
    trail = Trail(10.0)
    for point in (at(0, 0.4), at(1, 0.4005), at(2, 0.4, clipped=True), at(3, 0.4, clipped=True), at(4, 0.41)):
        trail.add(point)
    assert [p.stamp_ns // S for p in trail.points] == [0, 2, 4]


def test_a_clock_that_jumps_back_begins_a_new_path() -> None:
    trail = Trail(10.0)
    trail.add(at(100, 0.4))
    trail.add(at(3, 0.5))
    assert [p.stamp_ns // S for p in trail.points] == [3]
