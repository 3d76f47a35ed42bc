"""The parts of the page that only show: policy, arms, learner, guards, diagnostics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zprl_console import figures
from zprl_console.figures import Figure, age_text
from zprl_console.web.parts import FigureTable, Part
from zprl_view.panel.panel_state import PanelState, Source


@dataclass(frozen=True)
class Kind:
    """One part: title, CSS class, source of its figures (None: several), what it shows, and what without figures."""

    title: str
    name: str
    source: Source | None
    figures: Callable[[PanelState], Sequence[Figure]]
    empty: str


def _arms(state: PanelState) -> list[Figure]:
    several = len(state.arms) > 1
    return [
        Figure(f"{arm.name} {figure.label}" if several else figure.label, figure.value, figure.bad)
        for arm in state.arms
        for figure in figures.arm_figures(arm)
    ]


POLICY = Kind("Policy", "policy", Source.POLICY, figures.policy_figures, "")
ARM = Kind("Arm", "arm", Source.ARM, _arms, "no arm was heard yet")
LEARNER = Kind("Learner and weights", "learner", Source.LEARNER, figures.learner_figures, "no learner was heard yet")
GUARDS = Kind("Clipped by guards", "guards", Source.ARM, figures.guard_figures, "no guard reports")
DIAGNOSTICS = Kind("Diagnostics", "diagnostics", None, figures.diagnostic_figures, "no node has reported yet")


class StatusPart:
    """One of these parts, as a card."""

    def __init__(self, kind: Kind):
        self._kind, self._part = kind, Part(kind.title, kind.name)
        with self._part.card:
            self._table = FigureTable(kind.empty)

    def show(self, state: PanelState) -> None:
        self._table.show(self._kind.figures(state))
        self._part.mark_old(age_text(state, self._kind.source) if self._kind.source is not None else "")
