"""Checks that a base policy fits the robot that it is to drive, before anything starts."""

from dataclasses import replace
from pathlib import Path

from zprl.checkpoints.metadata import read_base_config
from zprl.models.config import BaseConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import JointAction
from zprl_core.errors import CheckpointError
from zprl_core.obs import Obs
from zprl_core.observation_spec import ObservationSpec
from zprl_core.spec_difference import check_agreement


def base_config(base: Path | None) -> BaseConfig | None:
    """Return the base's specs and sizes; None without a base, or with one that the policy node will refuse."""
    try:
        return None if base is None else read_base_config(base)
    except CheckpointError:
        return None


def observed(base: Path | None) -> Obs:
    """Return what a simulated robot must publish for the base."""
    config = base_config(base)
    return Obs.STATE if config is None else Obs.of(config.observation)


def check_specs(base: Path | None, observation: ObservationSpec, action: ActionSpec | None, name: str) -> None:
    """Check that the robot publishes every stream of the base, and that it executes its action.

    It may publish more streams. An `action` of None executes any; see `check_one_arm`. Raises ValueError with a table
    of the differences.
    """
    config = base_config(base)
    if config is None:
        return
    published = {stream.name: stream for stream in observation.streams}
    seen = tuple(published[stream.name] for stream in config.observation.streams if stream.name in published)
    executed = replace(action or config.action, rate_hz=config.action.rate_hz)  # preflight warns of another rate
    robot = ObservationSpec(seen) if seen else observation, executed
    remedy = "use a base that was made for it, or the task that this base was made for"
    check_agreement((config.observation, config.action), robot, "the base", name, remedy)


def check_one_arm(base: Path | None, frame: str, joints: tuple[str, ...], setting: str = "") -> None:
    """Check that the base commands one arm, by tool poses in `frame` or by `joints`. Raises ValueError if not.

    `setting`: prefix of the settings base_frame and joints of this arm, if they can be set.
    """
    config = base_config(base)
    if config is None:
        return
    arms = config.action.arms
    if len(arms) != 1:
        commanded = ", ".join(arm.arm for arm in arms) or "an environment without arms"
        raise ValueError(f"the base commands {commanded}, but this robot is one arm; use a base made for one arm")
    motion, remedy = arms[0].motion, "use a base made for this arm"
    if arms[0].frame != frame:
        own = (
            f"{setting}base_frame is {frame}; set base_frame to that frame, or"
            if setting
            else f"this arm's is {frame};"
        )
        raise ValueError(f"the base commands an arm in the frame {arms[0].frame}, but {own} {remedy}")
    for stream in config.observation.streams:
        if stream.tool and stream.frame not in ("", frame):
            raise ValueError(f"the base sees the tool in the frame {stream.frame}, but this arm's is {frame}; {remedy}")
    if isinstance(motion, JointAction) and motion.joints != joints:
        names = ", ".join(joints)
        own = f"{setting}joints has {names}; set joints, or" if setting else f"this arm has {names};"
        raise ValueError(f"the base commands the joints {', '.join(motion.joints)}, but {own} {remedy}")


def check_gripper(base: Path | None, without: str) -> None:
    """Check that a base which commands a gripper drives an arm that has one. Raises ValueError if not.

    `without`: the setting by which the arm has no gripper, such as "franky.hand is false"; "" if it has one.
    """
    config = base_config(base)
    if config is None or not without:
        return
    if any(arm.gripper is not None for arm in config.action.arms):
        raise ValueError(
            f"the base commands the width of a gripper, but this arm has none: {without}; change that setting, or use "
            "a base whose action has no gripper part"
        )
