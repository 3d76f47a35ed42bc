"""The figures of a panel: what they are called, what they say, how old they are. No Qt, no ROS."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from zprl.training.statistics import SuccessRate
from zprl_core.arm_mode import BROKEN
from zprl_view.panel.panel_state import ArmRow, LearnerRow, PanelState, Source

LAST = 50  # newest episodes heard whose success is shown


@dataclass(frozen=True)
class Figure:
    """One line. `old`: it may be outdated, as its source is silent. `alarm`: the operator is needed."""

    name: str
    text: str
    age: str = ""
    old: bool = False
    alarm: bool = False


def figures(state: PanelState) -> tuple[Figure, ...]:
    """Return the lines of a panel; their number and names depend on the arms alone."""
    return (
        Figure("prompt", state.prompt or "nothing", alarm=bool(state.prompt)),
        _episode(state),
        _refusal(state),
        _success(state),
        *_arms(state),
        *_policy(state),
        *_learner(state),
    )


def age(seconds: float) -> str:
    """Return an age in words."""
    if math.isinf(seconds):
        return "never heard"
    return f"{seconds:.1f} s ago" if seconds < 60 else f"{seconds / 60:.0f} min ago"


def _episode(state: PanelState) -> Figure:
    if not state.episodes:
        return Figure("episode", "none yet")
    last = state.episodes[-1]
    if last.running:
        return Figure("episode", f"{last.number} is running")
    by = f" ({last.source})" if last.source else ""
    why = f": {last.reason}" if last.reason else ""
    return Figure("episode", f"{last.number} ended: {last.kind.name.lower()}{by}{why}, {last.steps} steps")


def _refusal(state: PanelState) -> Figure:
    refused = state.refusal or state.policy.blocked
    return Figure("start refused", refused or "-", alarm=bool(refused))


def _success(state: PanelState) -> Figure:
    results = state.results()[-LAST:]
    if not results:
        return Figure("success", "no result yet")
    return Figure("success", str(SuccessRate(sum(results), len(results))))


def _arms(state: PanelState) -> Iterator[Figure]:
    since, old = age(state.age_s(Source.ARM)), state.is_old(Source.ARM)
    if not state.arms:
        yield Figure("arm", "none heard yet", since, old=True)
    for arm in state.arms:
        text = ", ".join(filter(None, [arm.mode.name, arm.reason, arm.gripper_reason, _touch(arm)]))
        yield Figure(f"arm {arm.name}".rstrip(), text, since, old, alarm=arm.mode in BROKEN)


def _touch(arm: ArmRow) -> str:
    return "moved by an operator" if arm.person else "clipped" if arm.clipped else ""


def _policy(state: PanelState) -> Iterator[Figure]:
    policy, since, old = state.policy, age(state.age_s(Source.POLICY)), state.is_old(Source.POLICY)
    yield Figure("policy", policy.mode or "none heard yet", since, old)
    yield Figure("policy holds", policy.hold_reason or "-", since, old)
    frozen = ", frozen" if policy.frozen else ""
    yield Figure("weights", f"{policy.weights} of {policy.weights_newest}{frozen}", since, old)
    yield Figure("not acknowledged", f"{policy.backlog} transitions", since, old)


def _learner(state: PanelState) -> Iterator[Figure]:
    since, old, learner = age(state.age_s(Source.LEARNER)), state.is_old(Source.LEARNER), state.learner
    if learner is None:
        yield Figure("learner", "none heard yet", since, old=True)
        learner = LearnerRow()
    else:
        doing = "paused" if learner.paused else "warming up" if learner.warming_up else "learning"
        trouble = f": {learner.trouble}" if learner.trouble else ""
        yield Figure("learner", doing + trouble, since, old, alarm=bool(trouble))
    rate = f"{learner.updates_per_s:.0f} per s, {learner.update_debt} due"
    yield Figure("updates", f"{learner.updates}, {rate}", since, old)
    yield Figure("Q", _number(learner.q_mean), since, old)
    yield Figure("RMS(u), RMS(z)", f"{_number(learner.rms_u)}, {_number(learner.rms_z)}", since, old)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"
