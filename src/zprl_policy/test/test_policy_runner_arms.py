"""Several arms, joints, and numbers that are no rotation. States every 50 ms of one clock; stamps in ns."""

import numpy as np
import pytest
import torch

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode, SteeringConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, JointAction
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.rotation import Rotation
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_policy.arm_reports import ArmReport
from zprl_policy.policy_runner import PolicyRunner

STEP = 50_000_000
NAMES = ("a", "b")
TWO = BaseConfig(
    arm_observation((), ("left", "right"), "world"),
    latent_dim=2,
    horizon=4,
    n_action_steps=2,
    hidden=8,
    action=ActionSpec((ArmAction("left"), ArmAction("right"))),
)
JOINTS = BaseConfig(
    ObservationSpec((StreamSpec("joints", "joint_states", StreamKind.JOINTS, (2,), joints=NAMES),)),
    latent_dim=2,
    horizon=4,
    n_action_steps=2,
    hidden=8,
    action=ActionSpec((ArmAction(motion=JointAction(NAMES), gripper=None),)),
)


def runner(config: BaseConfig) -> PolicyRunner:
    torch.manual_seed(0)
    base = BasePolicy(config)
    freeze(base)
    policy = ResidualPolicy(base, make_steering(base, SteeringConfig()), Mode.FINETUNE)
    f = PolicyRunner(policy, StreamBuffer(config.observation))
    f.on_event(EpisodeEvent(EpisodeEventKind.STARTED, STEP, 0))
    return f


def see(f: PolicyRunner, k: int) -> None:
    samples = {"left/tool": Pose((0.5, 0.1, 0.2)), "right/tool": Pose((0.5, -0.1, 0.2))}
    for name in ("left", "right"):
        f.streams.push(f"{name}/tool", k * STEP, samples[f"{name}/tool"], k * STEP)
        f.streams.push(f"{name}/width", k * STEP, 0.08, k * STEP)


def report(f: PolicyRunner, k: int, arm: str, x: float = 0.5, clipped: bool = False) -> None:
    y = 0.1 if arm == "left" else -0.1
    target = ArmTarget(Pose((x, y, 0.2)), 0.04)
    f.on_report(ArmReport(k * STEP, ArmMode.STREAM, target, clipped=clipped, arm=arm))


def test_a_step_is_stored_once_both_arms_have_reported_it() -> None:
    """Left moved by 1 cm of 2 cm, right by nothing; one guard of one arm clipped."""
    f = runner(TWO)
    for k in range(1, 8):
        see(f, k)
        report(f, k, "left", x=0.51, clipped=k == 2)
        report(f, k, "right")
        f.answer(k * STEP)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 7 * STEP, 0, 1.0))
    first, *rest = f.policy.take()
    assert len(rest) == 2 and first.executed[:10] == pytest.approx([0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0], abs=1e-5)
    assert first.clipped and not first.intervention


def test_an_arm_that_stops_reporting_holds_the_policy_and_is_named() -> None:
    f = runner(TWO)
    see(f, 1)
    report(f, 1, "left")
    assert f.tick(STEP) is None and f.hold_reason == "no feedback about the last step yet (right/arm/status)"
    report(f, 1, "right")
    assert f.tick(STEP) is not None
    see(f, 2)
    report(f, 2, "right")
    assert f.tick(2 * STEP) is None and "left/arm/status" in f.hold_reason


def test_reports_of_one_arm_alone_do_not_pile_up() -> None:
    f = runner(TWO)
    for k in range(1, 100):
        see(f, k)
        f.answer(k * STEP)
        report(f, k + 1, "left")
    assert len(f._reports._parts) <= 5


def test_one_arm_in_fault_stops_the_policy_of_both() -> None:
    f = runner(TWO)
    for arm in ("left", "right"):
        report(f, 1, arm)
    see(f, 2)
    f.on_report(ArmReport(2 * STEP, ArmMode.FAULT, ArmTarget(Pose((0, 0, 0)), 0.0), "pushed", arm="right"))
    assert f.answer(2 * STEP) is None and f.hold_reason == "arm right is in FAULT: pushed"


def test_a_human_who_moves_the_tool_of_a_policy_in_joints_leaves_no_transition() -> None:
    f = runner(JOINTS)
    for k in range(1, 6):
        f.streams.push("joints", k * STEP, np.array([0.1, 0.2]), k * STEP)
        target = ArmTarget(Pose((0.5, 0.0, 0.2)), 0.04)
        f.on_report(ArmReport(k * STEP, ArmMode.STREAM, target, person=True))
        f.answer(k * STEP)
    f.on_event(EpisodeEvent(EpisodeEventKind.SUCCESS, 5 * STEP, 0, 1.0))
    assert f.policy.take() == []


def test_numbers_that_are_no_rotation_are_held_and_asked_for_again() -> None:
    absolute = ActionSpec((ArmAction(motion=CartesianAction(Rotation.SIX, absolute=True)),))
    config = BaseConfig(arm_observation(()), latent_dim=2, horizon=4, n_action_steps=2, hidden=8, action=absolute)
    f = runner(config)
    act = f.policy.act
    f.policy.act = lambda seen: np.zeros(absolute.size, np.float32)  # type: ignore[method-assign]
    f.streams.push("tool", STEP, Pose((0.5, 0.0, 0.2)), STEP)
    f.streams.push("width", STEP, 0.08, STEP)
    assert f.answer(STEP) is None and "not span a plane" in f.hold_reason and f.held_ticks == 1
    f.policy.act = act  # type: ignore[method-assign]
    assert f.answer(STEP) is not None
