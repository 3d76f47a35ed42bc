"""The success rate over the episodes, with its confidence interval, as a curve and as a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zprl.training.statistics import SuccessRate

WINDOW = 50  # episodes of which a point is the rate
AXIS = {
    "axisLabel": {"color": "#888"},
    "nameTextStyle": {"color": "#888"},
    "splitLine": {"lineStyle": {"color": "#8883"}},
}
PERCENT = {"color": "#888", "formatter": "{value} %"}
MOST = 300  # points of a curve; a long run is thinned out to them


@dataclass(frozen=True)
class CurvePoint:
    """The rate of the last WINDOW episodes that count, at one of them; Wilson's 95 % interval."""

    episode: int  # number of episodes that count, from 1 on
    rate: float
    low: float
    high: float


def success_curve(results: Sequence[bool]) -> tuple[CurvePoint, ...]:
    """Return the curve of the results, oldest first; its last point is always that of the newest episode."""
    step = -(-len(results) // MOST) or 1
    numbers = range(len(results), 0, -step)
    return tuple(_point(results, number) for number in reversed(numbers))


def _point(results: Sequence[bool], number: int) -> CurvePoint:
    last = results[max(0, number - WINDOW) : number]
    rate = SuccessRate(sum(last), len(last))
    return CurvePoint(number, rate.rate, *rate.interval())


def chart(points: Sequence[CurvePoint]) -> dict[str, Any]:
    """Return the options of an ECharts chart: the band as two stacked lines, and the rate above it [%]."""
    return {
        "animation": False,
        "grid": {"left": 40, "right": 12, "top": 10, "bottom": 34},
        "xAxis": {"type": "value", "name": "episodes", "nameLocation": "middle", "nameGap": 20, "minInterval": 1}
        | AXIS,
        "yAxis": AXIS | {"type": "value", "min": 0, "max": 100, "axisLabel": PERCENT},
        "series": [
            _line([(p.episode, 100 * p.low) for p in points], stack="band", lineStyle={"opacity": 0}),
            _line(
                [(p.episode, 100 * (p.high - p.low)) for p in points],
                stack="band",
                lineStyle={"opacity": 0},
                areaStyle={"color": "#1f77b4", "opacity": 0.25},
            ),
            _line([(p.episode, 100 * p.rate) for p in points], lineStyle={"color": "#1f77b4", "width": 2}),
        ],
    }


def _line(data: list[tuple[int, float]], **more: Any) -> dict[str, Any]:
    return {"type": "line", "data": [[x, round(y, 2)] for x, y in data], "showSymbol": False, "silent": True, **more}
