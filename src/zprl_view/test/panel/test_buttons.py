"""Which buttons can be pressed in which state."""

from dataclasses import replace

import pytest

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_view.panel.buttons import BUTTONS, button_named
from zprl_view.panel.panel_state import ArmRow, EpisodeRow, LearnerRow, PanelState, PolicyRow, Source

ALL = frozenset(button.service for button in BUTTONS)
RUNNING = EpisodeRow(3, EpisodeEventKind.STARTED)
STATE = PanelState(
    policy=PolicyRow(mode="finetune"),
    arms=(ArmRow("", ArmMode.STREAM),),
    learner=LearnerRow(),
    episodes=(RUNNING,),
    ages_s=((Source.LEARNER, 0.1),),
    services=ALL,
)


def pressable(state: PanelState) -> set[str]:
    return {button.name for button in BUTTONS if not button.refusal(state)}


def test_in_a_running_episode_it_can_be_labeled_and_held() -> None:
    assert pressable(STATE) == {
        "success", "failure", "discard", "estop", "hold", "stop", "home_gripper", "base", "evaluate", "policy_hold",
        "freeze", "roll_back", "pause",
    }  # fmt: skip


def test_between_episodes_one_can_be_started() -> None:
    ended = replace(RUNNING, kind=EpisodeEventKind.SUCCESS)
    found = pressable(replace(STATE, episodes=(ended,), prompt="put the cube back"))
    assert {"start", "confirm"} <= found and not {"success", "failure", "discard"} & found


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (ArmMode.IDLE, {"enable"}),
        (ArmMode.FAULT, {"recover"}),
        (ArmMode.ESTOP, {"release"}),
        (ArmMode.HOLD, {"hold", "stop", "enable"}),
        (ArmMode.DISCONNECTED, set()),
    ],
)
def test_the_arms_mode_decides(mode: ArmMode, expected: set[str]) -> None:
    arm = {"hold", "enable", "stop", "recover", "release"}
    assert pressable(replace(STATE, arms=(ArmRow("", mode),))) & arm == expected


def test_the_worst_of_two_arms_counts() -> None:
    state = replace(STATE, arms=(ArmRow("left", ArmMode.STREAM), ArmRow("right", ArmMode.FAULT)))
    assert state.arm_mode == ArmMode.FAULT


def test_the_emergency_stop_is_never_disabled_and_asks_nothing() -> None:
    estop = button_named("estop")
    assert estop.refusal(PanelState()) == "" and not estop.moves
    assert [button.name for button in BUTTONS if button.stops] == ["estop"]


def test_without_its_service_a_button_says_so() -> None:
    assert button_named("pause").refusal(replace(STATE, services=frozenset())) == "no node offers learner/pause"


def test_a_silent_learner_is_not_taken_for_one_that_runs() -> None:
    old = replace(STATE, ages_s=((Source.LEARNER, 10.0),))
    assert button_named("pause").refusal(old) == "no learner is heard"


def test_what_moves_the_arm_asks_twice() -> None:
    assert {button.name for button in BUTTONS if button.moves} == {
        "start", "confirm", "enable", "release", "home_gripper",
    }  # fmt: skip


def test_keys_and_names_are_different() -> None:
    keys = [button.key for button in BUTTONS if button.key]
    assert len(set(keys)) == len(keys) and len({button.name for button in BUTTONS}) == len(BUTTONS)
    with pytest.raises(ValueError, match="there is no button 'fly'"):
        button_named("fly")
