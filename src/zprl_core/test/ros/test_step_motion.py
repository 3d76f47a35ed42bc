"""Which steps of a recorded episode are commanded, held, or a pause."""

import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_core.ros.step_motion import Motion, StepMotion
from zprl_msgs.msg import ArmStatus

FREE, GRIPS = ArmStatus.GRIPPER_HOLDING, ArmStatus.GRIPPER_MOVING


def at(x: float, width: float = 0.08) -> dict[str, ArmTarget]:
    return {"": ArmTarget(Pose((x, 0.0, 0.2)), width)}


def said(source: str = "", person: bool = False, gripper: int = FREE) -> dict[str, ArmStatus]:
    mode = ArmStatus.STREAM if source else ArmStatus.HOLD
    return {"": ArmStatus(mode=mode, source=source, person=person, gripper=gripper)}


def test_a_human_moves_brakes_grips_and_rests() -> None:
    motion = StepMotion()
    keyboard = said("teleop/keyboard", person=True)
    steps = [
        (at(0.5), said(), Motion.PAUSED),
        (at(0.51), keyboard, Motion.COMMANDED),
        (at(0.51), keyboard, Motion.COMMANDED),
        (at(0.514), said(person=True), Motion.COMMANDED),  # it brakes
        (at(0.514), said(person=True), Motion.PAUSED),
        (at(0.514), said(), Motion.PAUSED),
        (at(0.514, 0.0), keyboard, Motion.COMMANDED),
        (at(0.514, 0.0), said(gripper=GRIPS), Motion.COMMANDED),
        (at(0.514, 0.0), said(), Motion.PAUSED),
    ]
    assert [motion.of(targets, reports) for targets, reports, _ in steps] == [wanted for *_, wanted in steps]


def test_a_policy_that_sends_nothing_makes_no_pause() -> None:
    motion = StepMotion()
    assert motion.of(at(0.5), said("policy/finetune")) == Motion.COMMANDED
    assert motion.of(at(0.5), said()) == Motion.HELD
    assert motion.of(at(0.5), said("teleop/keyboard", person=True)) == Motion.COMMANDED
    assert motion.of(at(0.5), said(person=True)) == Motion.PAUSED  # the human took over
    assert motion.of(at(0.5), said("policy/finetune")) == Motion.COMMANDED
    assert motion.of(at(0.5), said()) == Motion.HELD


def test_both_arms_must_rest() -> None:
    motion = StepMotion()
    targets = {name: ArmTarget(None, 0.08, (0.1,)) for name in ("left", "right")}
    still = {name: said()[""] for name in targets}
    assert motion.of(targets, still) == Motion.PAUSED
    moved = targets | {"right": ArmTarget(None, 0.08, (0.2,))}
    assert motion.of(moved, still) == Motion.COMMANDED and motion.of(moved, still) == Motion.PAUSED
