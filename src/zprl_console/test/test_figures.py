"""The state as lines of text."""

from zprl_console import figures
from zprl_console.figures import Figure
from zprl_core.arm_mode import ArmMode
from zprl_view.panel.panel_state import ArmRow, DiagnosticRow, LearnerRow, PanelState, PolicyRow, Source


def test_an_empty_state_has_no_invented_numbers() -> None:
    state = PanelState()
    assert Figure("mode", "-") in figures.policy_figures(state)
    assert figures.learner_figures(state) == figures.guard_figures(state) == figures.diagnostic_figures(state) == []
    assert figures.silence(state) == "the graph is silent: nothing was heard yet"
    assert figures.age_text(state, Source.ARM) == "not heard yet"


def test_policy() -> None:
    policy = PolicyRow(
        "finetune", weights=3, weights_newest=5, weights_age_s=12.4, frozen=True, hold_reason="no episode"
    )
    shown = figures.policy_figures(PanelState(policy=policy))
    assert Figure("weights", "3, newest 5, frozen, 12 s old") in shown
    assert Figure("holds because", "no episode", bad=True) in shown


def test_guards_of_one_arm_and_of_two() -> None:
    left = ArmRow("left", ArmMode.STREAM, guards=(("lead", 3), ("box", 0)))
    assert figures.guard_figures(PanelState(arms=(left,))) == [Figure("lead", "3", True), Figure("box", "0")]
    right = ArmRow("right", ArmMode.STREAM, guards=(("lead", 1),))
    assert figures.guard_figures(PanelState(arms=(left, right)))[-1] == Figure("right lead", "1", True)


def test_learner_with_trouble() -> None:
    shown = figures.learner_figures(PanelState(learner=LearnerRow(run="x", warming_up=False, trouble="disk full")))
    assert Figure("trouble", "disk full", True) in shown and Figure("state", "learning") in shown
    assert Figure("loss of critic, actor", "-, -") in shown


def test_ages() -> None:
    state = PanelState(ages_s=((Source.ARM, 2.0), (Source.POLICY, 60.0)))
    assert figures.age_text(state, Source.ARM) == "" and figures.silence(state) == ""
    assert figures.age_text(state, Source.POLICY) == "old: last heard 60 s ago"
    gone = PanelState(ages_s=((Source.ARM, 20.0), (Source.POLICY, 60.0)))
    assert "nothing has been heard for 20 s" in figures.silence(gone)


def test_an_old_report_is_not_shown_as_new() -> None:
    rows = (
        DiagnosticRow("/a", 0, ""),
        DiagnosticRow("/b", 2, "hot", age_s=30.0),
        DiagnosticRow("/c", 0, "", age_s=9.0),
    )
    assert figures.diagnostic_figures(PanelState(diagnostics=rows)) == [
        Figure("/a", "ok"),
        Figure("/b", "old, 30 s ago: error: hot", True),
        Figure("/c", "old, 9 s ago: ok", True),
    ]
