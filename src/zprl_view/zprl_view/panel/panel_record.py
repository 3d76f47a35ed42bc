"""Collects what was heard into the state of a panel. Times are of one monotonic clock [s]."""

from dataclasses import dataclass, field, replace

from zprl_view.panel.panel_state import (
    ArmRow,
    DiagnosticRow,
    EpisodeRow,
    LearnerRow,
    PanelState,
    PolicyRow,
    Source,
)

MOST_EPISODES = 500
MOST_NODES = 200  # whose diagnostics are kept


@dataclass
class PanelRecord:
    """The newest rows, and when each source was heard."""

    policy: PolicyRow = field(default_factory=PolicyRow)
    learner: LearnerRow | None = None
    prompt: str = ""
    refusal: str = ""
    services: frozenset[str] = frozenset()
    _arms: dict[str, ArmRow] = field(default_factory=dict)
    _episodes: list[EpisodeRow] = field(default_factory=list)
    _diagnostics: dict[str, tuple[float, DiagnosticRow]] = field(default_factory=dict)
    _heard_s: dict[Source, float] = field(default_factory=dict)

    def heard(self, source: Source, now_s: float) -> None:
        """Note that a source was heard now."""
        self._heard_s[source] = now_s

    def on_arm(self, row: ArmRow) -> None:
        self._arms[row.name] = row

    def on_episode(self, row: EpisodeRow) -> None:
        """Add an episode, or its end; its start may have been missed."""
        last = self._episodes[-1] if self._episodes else None
        if last is not None and (last.number, last.robot) == (row.number, row.robot):
            if not row.running:
                self._episodes[-1] = row
            return
        if last is not None and last.running:  # its end was missed
            self._episodes.pop()
        self._episodes.append(row)
        del self._episodes[:-MOST_EPISODES]

    def on_diagnostic(self, row: DiagnosticRow, now_s: float) -> None:
        if row.node in self._diagnostics or len(self._diagnostics) < MOST_NODES:
            self._diagnostics[row.node] = now_s, row

    def state(self, now_s: float) -> PanelState:
        """Return the state as it is now."""
        diagnostics = [replace(row, age_s=now_s - heard_s) for heard_s, row in self._diagnostics.values()]
        return PanelState(
            policy=self.policy,
            arms=tuple(self._arms.values()),
            learner=self.learner,
            episodes=tuple(self._episodes),
            diagnostics=tuple(sorted(diagnostics, key=lambda row: (-row.level, row.node))),
            prompt=self.prompt,
            refusal=self.refusal,
            ages_s=tuple((source, now_s - heard_s) for source, heard_s in self._heard_s.items()),
            services=self.services,
        )
