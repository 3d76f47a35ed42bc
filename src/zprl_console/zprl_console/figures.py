"""The state of a panel as lines of text: a label, a value, and whether something is wrong with it."""

import math
from dataclasses import dataclass

from zprl_core.arm_mode import BROKEN
from zprl_view.panel.panel_state import ArmRow, DiagnosticRow, PanelState, Source

NONE = "-"
REPORT_S = 5.0  # each node reports once a second
SPEAKING = (Source.POLICY, Source.ARM, Source.LEARNER)  # sources that repeat their state
LEVELS = ("ok", "warning", "error", "stale")


@dataclass(frozen=True)
class Figure:
    """One line."""

    label: str
    value: str
    bad: bool = False


def age_text(state: PanelState, source: Source) -> str:
    """Return since when a source is silent; "" while it is heard."""
    if not state.is_old(source):
        return ""
    age_s = state.age_s(source)
    return "not heard yet" if math.isinf(age_s) else f"old: last heard {age_s:.0f} s ago"


def policy_figures(state: PanelState) -> list[Figure]:
    """Mode, weights and why the policy holds."""
    p = state.policy
    behind = f", newest {p.weights_newest}" if p.weights_newest != p.weights else ""
    frozen = ", frozen" if p.frozen else ""
    return [
        Figure("mode", p.mode or NONE),
        Figure("holds because", p.hold_reason or NONE, bool(p.hold_reason)),
        Figure("blocked", p.blocked or NONE, bool(p.blocked)),
        Figure("weights", f"{p.weights}{behind}{frozen}, {number(p.weights_age_s, 0)} s old"),
        Figure("control steps", f"{p.env_steps}, held {p.held_ticks}, lost {p.lost_ticks}"),
        Figure("lateness, inference", f"{number(p.lateness_ms)} ms, {number(p.inference_ms)} ms"),
        Figure("unacknowledged", f"{p.backlog} transitions"),
    ]


def arm_figures(arm: ArmRow) -> list[Figure]:
    """Mode, reason and gripper of an arm."""
    return [
        Figure("mode", arm.mode.name, arm.mode in BROKEN),
        Figure("reason", arm.reason or NONE, bool(arm.reason)),
        Figure("gripper", arm.gripper_reason or NONE, bool(arm.gripper_reason)),
        Figure("a person moves it", "yes" if arm.person else "no"),
        Figure("late ticks", str(arm.late_ticks)),
    ]


def guard_figures(state: PanelState) -> list[Figure]:
    """Count how often each guard has changed a command, by arm."""
    several = len(state.arms) > 1
    return [
        Figure(f"{arm.name} {guard}" if several else guard, str(count), count > 0)
        for arm in state.arms
        for guard, count in arm.guards
    ]


def learner_figures(state: PanelState) -> list[Figure]:
    """Progress and losses of the learner."""
    m = state.learner
    if m is None:
        return []
    phase = "paused" if m.paused else "warming up" if m.warming_up else "learning"
    return [
        Figure("run", m.run or NONE),
        Figure("state", phase),
        Figure("trouble", m.trouble or NONE, bool(m.trouble)),
        Figure("weights", str(m.weights)),
        Figure("updates", f"{m.updates}, {number(m.updates_per_s)} per s, {m.update_debt} behind"),
        Figure("transitions", f"{m.transitions}, {m.rejected} rejected", m.rejected > 0),
        Figure("episodes, steps", f"{m.episodes}, {m.env_steps}"),
        Figure("loss of critic, actor", f"{number(m.critic_loss, 3)}, {number(m.actor_loss, 3)}"),
        Figure("mean Q, temperature", f"{number(m.q_mean, 2)}, {number(m.temperature, 3)}"),
        Figure("RMS(u) / RMS(z)", f"{number(m.rms_u, 3)} / {number(m.rms_z, 3)}"),
    ]


def diagnostic_figures(state: PanelState) -> list[Figure]:
    """The newest report of each node, the worst first."""
    return [Figure(row.node, _report(row), row.level > 0 or row.age_s > REPORT_S) for row in state.diagnostics]


def silence(state: PanelState) -> str:
    """Return since when nothing at all is heard of the graph; "" while something is."""
    if not all(map(state.is_old, SPEAKING)):
        return ""
    age_s = min(map(state.age_s, SPEAKING))
    since = "was heard yet" if math.isinf(age_s) else f"has been heard for {age_s:.0f} s, and what is shown is old"
    return f"the graph is silent: nothing {since}"


def _report(row: DiagnosticRow) -> str:
    old = f"old, {row.age_s:.0f} s ago: " if row.age_s > REPORT_S else ""
    return f"{old}{LEVELS[min(row.level, 3)]}: {row.message}".rstrip(": ")


def number(value: float, digits: int = 1) -> str:
    """Return a number as text; "-" for one that is not known."""
    return f"{value:.{digits}f}" if math.isfinite(value) else NONE
