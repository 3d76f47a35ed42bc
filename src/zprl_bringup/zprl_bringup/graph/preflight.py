"""What a person should know before a graph starts, though nothing is wrong with it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zprl.checkpoints.metadata import read_metadata
from zprl_bringup.graph.settings import GraphSettings, RobotKind
from zprl_core.errors import CheckpointError, quoted
from zprl_core.latency import Latency
from zprl_hardware.franka.checks import unpunctual
from zprl_sim.settings import CONTROL_HZ

FASTEST = 1e4  # control steps in a second that anybody would mean


def preflight(settings: GraphSettings) -> str:
    """Whether base and arm go together, and a real arm is driven in real time; "" when all is well, or nobody knows."""
    return "; ".join(filter(None, (about_base(settings), _of_real_time(settings))))


def about_base(settings: GraphSettings) -> str:
    """Whether the base was made for an arm as late, and steps as long, as this one's; "" when so, or nobody knows."""
    if settings.base is None:
        return ""
    metadata = _load_metadata(settings.base)
    return "; ".join(filter(None, (_latency_mismatch(metadata, settings), _rate_mismatch(metadata, settings))))


def _of_real_time(settings: GraphSettings) -> str:
    if settings.robot != RobotKind.FRANKY:
        return ""
    franky = settings.station.franky
    return unpunctual(replace(franky, hostname=settings.hostname or franky.hostname))


def _latency_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    learned, arm = metadata.get("pace"), _latency_of_arm(settings)
    if not isinstance(learned, str) or learned == arm.value:
        return ""
    return (
        f"the base was pretrained with an arm of latency {quoted(learned)}, this one's is {arm.value}: it will succeed "
        f"less often than it could; zprl pretrain --latency {arm.value} makes one that fits"
    )


def _rate_mismatch(metadata: Mapping[str, Any], settings: GraphSettings) -> str:
    """An action is a step of so many millimetres: with fewer steps in a second the arm is slower."""
    learned = metadata.get("control_rate")
    arm = CONTROL_HZ if settings.robot == RobotKind.SIM else settings.station.control_rate
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


def _latency_of_arm(settings: GraphSettings) -> Latency:
    match settings.robot:
        case RobotKind.SIM:
            return settings.latency
        case RobotKind.MUJOCO:
            return Latency.IDEAL
        case RobotKind.FCI_SIM | RobotKind.FRANKY:
            return Latency.REAL
