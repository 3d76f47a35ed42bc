"""What a panel says in which state."""

from dataclasses import replace

import pytest

from rqt_zprl.figures import Figure, age, figures
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_view.panel.panel_state import ArmRow, EpisodeRow, LearnerRow, PanelState, PolicyRow, Source

STATE = PanelState(
    policy=PolicyRow(mode="finetune", weights=12, weights_newest=14, frozen=True, backlog=3, hold_reason="no image"),
    arms=(ArmRow("", ArmMode.STREAM, clipped=True),),
    learner=LearnerRow(updates=70, update_debt=5, updates_per_s=9.6, q_mean=0.5, warming_up=False),
    episodes=(EpisodeRow(7, EpisodeEventKind.STARTED),),
    ages_s=((Source.POLICY, 0.2), (Source.ARM, 0.1), (Source.LEARNER, 75.0)),
)


def shown(state: PanelState) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures(state)}


def test_a_state_in_words() -> None:
    found = shown(STATE)
    assert {name: found[name].text for name in ("episode", "arm", "policy", "weights", "policy holds")} == {
        "episode": "7 is running",
        "arm": "STREAM, clipped",
        "policy": "finetune",
        "weights": "12 of 14, frozen",
        "policy holds": "no image",
    }
    assert found["updates"].text == "70, 10 per s, 5 due" and found["Q"].text == "0.50"


def test_figures_of_a_silent_source_are_old_with_their_age() -> None:
    found = shown(STATE)
    assert [(found[n].old, found[n].age) for n in ("policy", "updates")] == [(False, "0.2 s ago"), (True, "1 min ago")]


def test_before_anything_is_heard_all_figures_of_nodes_are_old() -> None:
    found = shown(PanelState())
    assert [name for name, figure in found.items() if not figure.old] == [
        "prompt", "episode", "start refused", "success",
    ]  # fmt: skip
    assert (found["arm"].text, found["arm"].age) == ("none heard yet", "never heard")


def test_success_has_its_interval_and_leaves_out_discarded_episodes() -> None:
    kinds = [EpisodeEventKind.SUCCESS] * 3 + [EpisodeEventKind.FAILURE, EpisodeEventKind.DISCARDED]
    rows = tuple(EpisodeRow(n, kind) for n, kind in enumerate(kinds))
    # 3 of 4: Wilson's center (0.75 + 0.4802) / 1.9604 = 0.6275, half width 0.3269
    assert shown(replace(STATE, episodes=rows))["success"].text == "75.0 % (3/4, 95 % 30.1 to 95.4)"


def test_the_end_of_an_episode_says_who_labeled_it_and_why() -> None:
    row = EpisodeRow(8, EpisodeEventKind.DISCARDED, 90, "operator", "the arm stopped")
    assert shown(replace(STATE, episodes=(row,)))["episode"].text == (
        "8 ended: discarded (operator): the arm stopped, 90 steps"
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"arms": (ArmRow("", ArmMode.FAULT, "too fast"),)}, "arm"),
        ({"prompt": "put the cube back"}, "prompt"),
        ({"refusal": "no scene"}, "start refused"),
        ({"learner": LearnerRow(trouble="disk full")}, "learner"),
    ],
)
def test_what_needs_the_operator_is_an_alarm(change: dict[str, object], name: str) -> None:
    assert not shown(STATE)[name].alarm
    assert shown(replace(STATE, **change))[name].alarm


def test_each_of_two_arms_has_a_line() -> None:
    found = shown(replace(STATE, arms=(ArmRow("left", ArmMode.HOLD), ArmRow("right", ArmMode.IDLE))))
    assert (found["arm left"].text, found["arm right"].text) == ("HOLD", "IDLE")


def test_ages_in_words() -> None:
    assert [age(x) for x in (0.24, 59.0, 61.0, float("inf"))] == ["0.2 s ago", "59.0 s ago", "1 min ago", "never heard"]
