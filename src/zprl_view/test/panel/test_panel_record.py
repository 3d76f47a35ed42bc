"""What was heard becomes one state."""

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind as Kind
from zprl_view.panel.panel_record import MOST_EPISODES, PanelRecord
from zprl_view.panel.panel_state import ArmRow, DiagnosticRow, EpisodeRow, Source


def test_an_end_replaces_its_start() -> None:
    record = PanelRecord()
    record.on_episode(EpisodeRow(0, Kind.STARTED))
    assert record.state(0.0).running
    record.on_episode(EpisodeRow(0, Kind.SUCCESS, 30))
    assert record.state(0.0).episodes == (EpisodeRow(0, Kind.SUCCESS, 30),) and not record.state(0.0).running


def test_missed_starts_and_ends_do_no_harm() -> None:
    record = PanelRecord()
    for row in (EpisodeRow(0, Kind.STARTED), EpisodeRow(1, Kind.STARTED), EpisodeRow(2, Kind.FAILURE)):
        record.on_episode(row)
    assert [row.number for row in record.state(0.0).episodes] == [2]
    record.on_episode(EpisodeRow(2, Kind.STARTED))  # late: it has ended
    assert not record.state(0.0).running


def test_only_results_count() -> None:
    record = PanelRecord()
    for k, kind in enumerate((Kind.SUCCESS, Kind.DISCARDED, Kind.TIMEOUT, Kind.FAILURE, Kind.STARTED)):
        record.on_episode(EpisodeRow(k, kind))
    assert record.state(0.0).results() == [True, False, False]


def test_memory_is_bounded() -> None:
    record = PanelRecord()
    for k in range(2 * MOST_EPISODES):
        record.on_episode(EpisodeRow(k, Kind.SUCCESS))
    assert len(record.state(0.0).episodes) == MOST_EPISODES


def test_ages_grow_and_the_worst_diagnostic_is_first() -> None:
    record = PanelRecord()
    record.heard(Source.ARM, 10.0)
    record.on_arm(ArmRow("", ArmMode.HOLD))
    for node, level in (("/policy", 0), ("/sim", 0), ("/camera", 2)):
        record.on_diagnostic(DiagnosticRow(node, level, ""), now_s=11.0)
    state = record.state(14.0)
    assert state.age_s(Source.ARM) == 4.0 and state.is_old(Source.ARM) and state.is_old(Source.POLICY)
    assert [row.node for row in state.diagnostics] == ["/camera", "/policy", "/sim"]
    assert {row.age_s for row in state.diagnostics} == {3.0}
