"""Whose reset goes on, and whose is over: the episode's side against an arm of wax. A question each 50 ms at most."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fake_arm import PERIOD_S, ArmHarness, enabled_harness
from zprl_control.reset import ResetStep, Resetting
from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEvent
from zprl_episodes.episode_manager import EXPECTED_S, PAUSE_S, EpisodeManager, EpisodeSettings
from zprl_episodes.reset_client import ANSWER_S, GONE, SILENT, UNAVAILABLE, Answer, ResetClient


class EpisodeHarness:
    """The arm, its service, and who asks. `there`: whether the service is offered; `answers`: whether it answers."""

    def __init__(self, lab: ArmHarness, automatic: bool = False):
        self.lab, self.there, self.answers = lab, True, True
        self.begun: list[float] = []  # when the motion to the start began
        self.calls = 0
        self._begin, self._halt = lab.arm.reset, lab.arm.halt
        lab.arm.reset, lab.arm.halt = self._on_begin, self._on_halt  # type: ignore[method-assign]
        self._resetting = Resetting(lab.session, scene=False)
        self._answer: Answer | None = None
        self.manager = EpisodeManager(EpisodeSettings(automatic=automatic))
        self.manager.on_policy("", True, float("inf"))
        self.resets = ResetClient(self.manager, self)

    def _on_begin(self) -> None:
        self.begun.append(self.lab.arm.now)
        self._begin()

    def _on_halt(self) -> None:
        """It stands at once."""
        self._halt()
        self.lab.arm.done = 1.0

    def ready(self) -> bool:
        return self.there

    def call(self, seed: int) -> None:
        self.calls += 1
        step = self._resetting.advance(False)
        given = Answer(step == ResetStep.DONE, self._resetting.message, step.pending, 7)
        self._answer = given if self.answers else None

    def answer(self) -> Answer | None:
        return self._answer

    def forget(self) -> None:
        self._answer = None

    def live(self, duration_s: float) -> EpisodeEvent | None:
        """So long; the first news."""
        event = None
        for _ in range(round(duration_s / PERIOD_S)):
            self.lab.step()
            event = event or self.resets.step(self.lab.arm.now)
        return event

    def ask(self) -> None:
        assert self.manager.request_reset(self.lab.arm.now) == ""


@pytest.fixture
def room() -> EpisodeHarness:
    return EpisodeHarness(enabled_harness())


def test_a_reset_that_comes_to_its_end_begins_the_episode(room: EpisodeHarness) -> None:
    room.ask()
    assert room.live(3 * EXPECTED_S) is None and len(room.begun) == 1  # however long the way is
    room.lab.arm.done = 1.0
    event = room.live(1.0)
    assert event is not None and (event.episode, event.stamp_ns) == (0, 7) and room.manager.failure == ""
    room.manager.label(event.kind, "person")
    room.live(10.0)
    assert len(room.begun) == 1


STOPS: list[tuple[str, Callable[[ArmHarness], None], Callable[[ArmHarness], None]]] = [
    ("canceled", lambda lab: lab.session.hold(), lambda lab: None),
    ("stopped by the operator", lambda lab: lab.session.stop(), lambda lab: lab.session.enable()),
    ("emergency stop", lambda lab: lab.session.estop(), lambda lab: recover(lab)),
]


def recover(lab: ArmHarness) -> None:
    lab.session.release()
    lab.session.recover()
    lab.session.enable()


@pytest.mark.parametrize(("why", "stop", "arm"), STOPS, ids=[why for why, _, _ in STOPS])
def test_a_reset_that_a_person_ended_is_over(
    room: EpisodeHarness, why: str, stop: Callable[[ArmHarness], None], arm: Callable[[ArmHarness], None]
) -> None:
    room.ask()
    room.live(1.0)
    stop(room.lab)
    room.live(2.0)
    assert why in room.manager.failure and room.lab.session.mode != ArmMode.RESET
    arm(room.lab)  # the person wants it to hold
    room.live(10.0)
    assert len(room.begun) == 1 and room.lab.session.mode == ArmMode.HOLD
    room.ask()
    room.live(1.0)
    assert len(room.begun) == 2


def test_a_fault_in_the_motion_ends_the_request(room: EpisodeHarness) -> None:
    room.ask()
    room.live(1.0)
    room.lab.arm.state = replace(room.lab.arm.state, fault="reflex")
    room.live(1.0)
    assert room.manager.failure == "reflex"
    room.lab.session.recover()
    room.lab.session.enable()
    room.live(10.0)
    assert len(room.begun) == 1


def test_without_a_hand_on_the_switch_no_motion_begins_and_the_person_is_told_once(room: EpisodeHarness) -> None:
    room.lab.interlocks.dead_man = True
    room.ask()
    room.live(10.0)
    assert room.begun == [] and room.calls == 1 and "dead-man" in room.manager.failure


def test_without_a_person_a_fault_is_not_hammered() -> None:
    lab = ArmHarness()  # connected, never armed
    room = EpisodeHarness(lab, automatic=True)
    room.live(10.0)
    assert 8 <= room.calls <= 10 / PAUSE_S and "enable it first" in room.manager.failure
    lab.session.enable()
    room.live(2.0)
    assert len(room.begun) == 1 and room.manager.failure == ""


def test_nobody_there_yet_is_waited_for_a_short_while(room: EpisodeHarness) -> None:
    room.there = False
    room.ask()
    room.live(EXPECTED_S - 1.0)
    assert room.manager.failure == ""
    room.there = True
    room.live(0.5)
    assert len(room.begun) == 1


def test_nobody_there_for_long_is_the_end(room: EpisodeHarness) -> None:
    room.there = False
    room.ask()
    room.live(EXPECTED_S + 0.5)
    assert room.manager.failure == UNAVAILABLE
    room.there = True
    room.live(5.0)
    assert room.calls == 0


def test_a_robot_that_went_away_in_the_middle_is_the_end(room: EpisodeHarness) -> None:
    room.ask()
    room.live(1.0)
    room.there = False
    room.live(1.0)
    assert room.manager.failure == GONE
    room.there = True
    before = room.calls
    room.live(5.0)
    assert room.calls == before


def test_no_question_follows_one_that_was_not_answered(room: EpisodeHarness) -> None:
    """What the answer was is not known. Here a person cancelled, and the next question would begin anew."""
    room.ask()
    room.live(1.0)
    room.lab.session.hold()
    room.lab.step(2)
    room.answers = False
    room.live(ANSWER_S + 1.0)
    assert room.manager.failure == SILENT
    room.answers = True
    room.live(10.0)
    assert len(room.begun) == 1


def test_an_answer_that_comes_too_late_begins_nothing(room: EpisodeHarness) -> None:
    """The node stood still meanwhile: it was deactivated, or its process was stopped."""
    room.ask()
    room.live(1.0)
    room.lab.arm.done = 1.0
    while not (room.answer() or Answer(False)).success:
        room.lab.step()
        room.resets.step(room.lab.arm.now)
        assert not room.manager.running
    room.lab.step(round(2 * ANSWER_S / PERIOD_S))
    assert room.live(5.0) is None and room.manager.failure == SILENT and not room.manager.running


def test_an_asker_that_stood_still_does_not_ask_on(room: EpisodeHarness) -> None:
    room.ask()
    room.live(1.0)
    room.live(PERIOD_S)
    while room.resets._called_s is not None:
        room.live(PERIOD_S)
    room.lab.session.stop()
    room.lab.session.enable()
    room._resetting = Resetting(room.lab.session, scene=False)  # the arm node was started again
    room.lab.step(round(2 * EXPECTED_S / PERIOD_S))
    room.live(5.0)
    assert len(room.begun) == 1 and "was stalled" in room.manager.failure


def test_without_a_person_a_robot_that_fell_silent_is_asked_again() -> None:
    room = EpisodeHarness(enabled_harness(), automatic=True)
    room.answers = False
    room.live(ANSWER_S + 0.5)
    assert room.manager.failure == SILENT and room.calls == 1
    room.answers = True
    room.live(2 * PAUSE_S)
    assert room.calls > 1 and room.manager.failure == ""
