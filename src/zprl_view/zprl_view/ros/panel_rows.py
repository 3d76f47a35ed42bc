"""Converts messages to the rows of a panel, and a button to its service's request."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.ros.conversions import ns_from
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus
from zprl_view.panel.buttons import Button
from zprl_view.panel.panel_state import ArmRow, DiagnosticRow, EpisodeRow, LearnerRow, PolicyRow

LONGEST = 500  # characters of a text from a message
MODES = ("base", "finetune", "evaluate", "hold", "inactive")  # by PolicyStatus.mode


def policy(m: PolicyStatus) -> PolicyRow:
    return PolicyRow(
        mode=MODES[m.mode] if m.mode < len(MODES) else f"mode {m.mode}",
        weights=m.weights_number,
        weights_newest=m.weights_newest,
        weights_age_s=m.weights_age_s,
        frozen=m.frozen,
        backlog=m.backlog,
        blocked=m.blocked[:LONGEST],
        hold_reason=m.hold_reason[:LONGEST],
        env_steps=m.env_steps,
        held_ticks=m.held_ticks,
        lost_ticks=m.lost_ticks,
        lateness_ms=m.tick_lateness_p99_ms,
        inference_ms=m.inference_ms,
    )


def learner(m: LearnerStatus) -> LearnerRow:
    return LearnerRow(
        run=m.run[:LONGEST],
        paused=m.paused,
        warming_up=m.warming_up,
        transitions=m.transitions,
        env_steps=m.env_steps,
        episodes=m.episodes,
        updates=m.updates,
        update_debt=m.update_debt,
        updates_per_s=m.updates_per_s,
        weights=m.weights_number,
        success_rate=m.success_rate,
        critic_loss=m.critic_loss,
        actor_loss=m.actor_loss,
        q_mean=m.q_mean,
        temperature=m.temperature,
        rms_u=m.rms_u,
        rms_z=m.rms_z,
        trouble=m.trouble[:LONGEST],
        rejected=m.rejected,
    )


def arm(name: str, m: ArmStatus) -> ArmRow | None:
    """Return the row; None for a mode that this version does not know."""
    if m.mode not in list(ArmMode):
        return None
    counts = tuple((str(guard), int(n)) for guard, n in zip(m.guards, m.counts, strict=False))
    return ArmRow(
        name, ArmMode(m.mode), m.reason[:LONGEST], m.clipped, counts, m.gripper_reason[:LONGEST], m.person, m.late_ticks
    )


def episode(m: EpisodeEvent) -> EpisodeRow | None:
    """Return the row; None for a kind that this version does not know."""
    if m.kind not in list(EpisodeEventKind):
        return None
    kind, stamp_ns = EpisodeEventKind(m.kind), ns_from(m.header.stamp)
    return EpisodeRow(m.episode, kind, m.steps, m.source[:LONGEST], m.reason[:LONGEST], stamp_ns, m.robot)


def diagnostic(status: DiagnosticStatus) -> DiagnosticRow:
    values = tuple((value.key[:LONGEST], value.value[:LONGEST]) for value in status.values[:50])
    level = status.level[0] if isinstance(status.level, bytes) else int(status.level)
    return DiagnosticRow(status.name[:LONGEST], level, status.message[:LONGEST], values)


def request(kind: Any, button: Button, number: int) -> Any:
    """Fill the request of a button: its argument, or the operator's number, in the only field that takes it."""
    made = kind.Request()
    value = number if button.asks_number else button.argument
    if value is None:
        return made
    (field,) = made.get_fields_and_field_types()
    setattr(made, field, value)
    return made
