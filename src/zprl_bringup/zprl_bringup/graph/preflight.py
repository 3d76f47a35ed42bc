"""What a person should know before a graph starts, though nothing is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zprl.checkpoints.metadata import read_metadata
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.errors import CheckpointError, quoted

FASTEST = 1e4  # control steps in a second that anybody would mean


def preflight(settings: GraphSettings) -> str:
    """Whether base and arm go together, and a real arm is driven in real time; "" when all is well, or nobody knows."""
    return "; ".join(filter(None, (about_base(settings), settings.chosen_robot.warning(settings))))


def about_base(settings: GraphSettings) -> str:
    """Whether the base was made for an arm as late, and steps as long, as this one's; "" when so, or nobody knows."""
    if settings.base is None:
        return ""
    metadata = _load_metadata(settings.base)
    return "; ".join(filter(None, (_latency_mismatch(metadata, settings), _rate_mismatch(metadata, settings))))


def _latency_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    learned, arm = metadata.get("pace"), settings.chosen_robot.latency(settings)
    if not isinstance(learned, str) or learned == arm.value:
        return ""
    return (
        f"the base was pretrained with an arm of latency {quoted(learned)}, this one's is {arm.value}: it will succeed "
        f"less often than it could; zprl pretrain --latency {arm.value} makes one that fits"
    )


def _rate_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    """An action is a step of so many millimetres: with fewer steps in a second the arm is slower."""
    learned = metadata.get("control_rate")
    arm = settings.chosen_robot.fixed_rate or settings.station.control_rate
    if isinstance(learned, bool) or not isinstance(learned, int | float) or not 0 < learned <= FASTEST:
        return ""
    if learned == arm:
        return ""
    return (
        f"the base was pretrained with {learned:g} control steps in a second, this arm does {arm:g}: it will move "
        f"{arm / learned:.2g} times as fast; change control_rate in the station, or take a base of that rate"
    )


def _load_metadata(base: Path) -> Mapping[str, Any]:
    """As `zprl pretrain` wrote them; none for a base that the policy node will refuse."""
    try:
        return read_metadata(base)
    except CheckpointError:
        return {}
