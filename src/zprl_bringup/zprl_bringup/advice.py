"""What a person should know before a graph starts, though nothing is wrong with it."""

from dataclasses import replace
from pathlib import Path

from zprl.checkpoint import CheckpointError, quoted, read_words
from zprl_bringup.arm_settings import unpunctual
from zprl_bringup.graph_settings import GraphSettings, RobotKind
from zprl_sim.pace import Pace


def advice(settings: GraphSettings) -> str:
    """Whether base and arm go together, and a real arm is driven in real time; "" when all is well, or nobody knows."""
    return "; ".join(filter(None, (_of_pace(settings), _of_real_time(settings))))


def _of_real_time(settings: GraphSettings) -> str:
    if settings.robot != RobotKind.FRANKY:
        return ""
    franky = settings.station.franky
    return unpunctual(replace(franky, hostname=settings.hostname or franky.hostname))


def _of_pace(settings: GraphSettings) -> str:
    learned = None if settings.base is None else _pace_of(settings.base)
    arm = _pace_of_arm(settings)
    if learned in (None, arm.value):
        return ""
    return (
        f"the base was pretrained with an arm of pace {quoted(learned)}, this one's is {arm.value}: it will succeed "
        f"less often than it could; zprl pretrain --pace {arm.value} makes one that fits"
    )


def _pace_of(base: Path) -> str | None:
    """As `zprl pretrain` wrote it; None in a base from elsewhere, and in one that the policy node will refuse."""
    try:
        pace = read_words(base).get("pace")
    except CheckpointError:
        return None
    return pace if isinstance(pace, str) else None


def _pace_of_arm(settings: GraphSettings) -> Pace:
    match settings.robot:
        case RobotKind.SIM:
            return settings.pace
        case RobotKind.MUJOCO:
            return Pace.IDEAL
        case RobotKind.FCI_SIM | RobotKind.FRANKY:
            return Pace.REAL
