"""Warnings to show before a graph starts; none of them prevents the start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zprl.checkpoints.metadata import read_metadata
from zprl_bringup.graph.network import Only
from zprl_bringup.graph.seen_cameras import missing_cameras
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.errors import CheckpointError, quoted
from zprl_core.latency import Latency

FASTEST = 1e4  # greatest plausible control rate of a base [Hz]


def preflight(settings: GraphSettings) -> str:
    """Return warnings about the base, the cameras and the arm; "" when there are none."""
    if settings.options.only == Only.LEARNER:  # the robot's machine says it
        return ""
    robot = settings.chosen_robot
    cameras = missing_cameras(settings.options.base, settings.station.cameras) if robot.needs_operator else ""
    return "; ".join(filter(None, (about_base(settings), cameras, robot.warning(settings))))


def about_base(settings: GraphSettings) -> str:
    """Return warnings about a base made for another latency or control rate; "" when both match or are unknown."""
    if settings.options.base is None:
        return ""
    metadata = _load_metadata(settings.options.base)
    return "; ".join(filter(None, (_latency_mismatch(metadata, settings), _rate_mismatch(metadata, settings))))


def _latency_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    """Return a warning when either the base or this arm lags, and the other does not."""
    learned, arm = metadata.get("pace"), settings.chosen_robot.latency(settings)
    if not isinstance(learned, str) or (learned == Latency.IDEAL.value) == (arm == Latency.IDEAL):
        return ""
    return (
        f"the base was pretrained with latency {quoted(learned)}, but the latency of this arm is {arm.value}: expect a "
        f"lower success rate; make a base for this arm with zprl pretrain --latency {arm.value}"
    )


def _rate_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    """Return a warning when the control rates differ: an action is one step, so the rate scales the arm's speed."""
    learned = metadata.get("control_rate")
    arm = settings.chosen_robot.fixed_rate or settings.station.control_rate
    if isinstance(learned, bool) or not isinstance(learned, int | float) or not 0 < learned <= FASTEST:
        return ""
    if learned == arm:
        return ""
    return (
        f"the base was pretrained at {learned:g} Hz, but the control rate of this arm is {arm:g} Hz: it will move "
        f"{arm / learned:.2g} times as fast; change control_rate in the station, or use a base of that rate"
    )


def _load_metadata(base: Path) -> Mapping[str, Any]:
    """Read the metadata that `zprl pretrain` wrote; empty for a base that the policy node will refuse."""
    try:
        return read_metadata(base)
    except CheckpointError:
        return {}
