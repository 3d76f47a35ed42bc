"""What a person should know before a graph starts, though nothing is wrong with it."""

from pathlib import Path

from zprl.checkpoint import CheckpointError, quoted, read_words
from zprl_bringup.graph_settings import GraphSettings, RobotKind
from zprl_sim.pace import Pace


def advice(settings: GraphSettings) -> str:
    """Whether base and arm go together; "" when they do, or nobody knows."""
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
