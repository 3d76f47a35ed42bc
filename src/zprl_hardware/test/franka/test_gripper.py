"""The driver of the Franka hand over a fake franky, and over the simulated hand."""

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fake_hand import Endless, FakeHand, SilentHand, Thread
from zprl_core.gripper_state import GripperMode
from zprl_hardware.franka.gripper import FrankyGripper, missed


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[FakeHand], Thread]]:
    yield lambda hand: Thread(hand, monkeypatch)


def test_a_width_is_moving_until_it_is_reached(make: Callable[[FakeHand], Thread]) -> None:
    hand = FakeHand()
    thread = make(hand)
    assert thread.gripper.state.mode == GripperMode.CONNECTING
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.HOLDING
    thread.gripper.set_width(0.08)
    assert thread.gripper.state.mode == GripperMode.MOVING  # at once, before the thread has seen it
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.HOLDING and hand.sent == [("move", 0.08)]


def test_an_object_that_spreads_the_fingers_is_grasped(make: Callable[[FakeHand], Thread]) -> None:
    """A tilted cube held the simulated fingers at 0.0807 m, wider than the hand opens by itself."""
    hand = FakeHand(width=0.08, between=0.0807)
    thread = make(hand)
    thread.gripper.set_width(0.0)
    thread.turn()
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.HOLDING and thread.gripper.state.trouble == ""
    assert thread.gripper.width == pytest.approx(0.0807)


@pytest.mark.parametrize("width", [0.0, 0.08])
def test_a_refused_command_says_what_to_do(make: Callable[[FakeHand], Thread], width: float) -> None:
    thread = make(FakeHand(result=RuntimeError("libfranka gripper: Command failed!")))
    thread.turn()
    thread.gripper.set_width(width)
    thread.turn()
    state = thread.gripper.state
    assert state.mode == GripperMode.REFUSED
    assert "Command failed" in state.reason and "arm/home_gripper" in state.reason


def test_fingers_that_stop_on_their_way_have_not_followed(make: Callable[[FakeHand], Thread]) -> None:
    """franky returns False then, and raises nothing."""
    thread = make(FakeHand(result=False, reached=0.05))
    thread.turn()
    thread.gripper.set_width(0.08)
    thread.turn()
    assert "stopped at 0.050 m on their way to 0.080 m" in thread.gripper.state.trouble


def test_a_hand_that_is_not_homed_gets_no_commands_until_it_is(make: Callable[[FakeHand], Thread]) -> None:
    hand = FakeHand(max_width=0.0)
    thread = make(hand)
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.NOT_HOMED and "arm/enable" in thread.gripper.state.reason
    thread.gripper.set_width(0.08)
    thread.turn()
    assert hand.sent == []
    thread.gripper.home()
    assert thread.gripper.state.mode == GripperMode.HOMING
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.HOLDING and hand.sent == [("home", 0.04)]
    hand.max_width = 0.0  # it was switched off and on
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.NOT_HOMED


def test_homing_that_fails_is_reported(make: Callable[[FakeHand], Thread]) -> None:
    thread = make(FakeHand(max_width=0.0, result=False))
    thread.turn()
    thread.gripper.home()
    thread.turn()
    assert "homing failed" in thread.gripper.state.trouble


def test_a_hand_that_opens_less_far_is_opened_as_far_as_it_goes(make: Callable[[FakeHand], Thread]) -> None:
    hand = FakeHand(max_width=0.075)
    thread = make(hand)
    thread.turn()
    thread.gripper.set_width(0.08)
    thread.turn()
    thread.gripper.set_width(0.08)
    thread.turn()
    assert hand.sent == [("move", 0.075)]


def test_a_hand_that_cannot_be_reached_names_its_cable(make: Callable[[FakeHand], Thread]) -> None:
    thread = make(FakeHand())

    def unreachable() -> Any:
        raise OSError("connection refused")

    thread.gripper._connected = unreachable  # type: ignore[method-assign]
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.CONNECTING  # it may take a moment
    thread.gripper._opened_s -= 6.0
    thread.turn()
    assert "connection refused" in thread.gripper.state.trouble and "franky.hand" in thread.gripper.state.trouble


def test_an_arm_without_a_hand_has_no_gripper_and_no_trouble() -> None:
    gripper = FrankyGripper("nowhere", present=False)
    gripper.open()
    assert gripper.state.mode == GripperMode.ABSENT
    gripper.close()


@pytest.mark.parametrize(
    ("before", "wanted", "reached", "is_missed"),
    [
        (0.08, 0.0, 0.04, False),  # closed on an object
        (0.08, 0.0, 0.08, True),  # did not move
        (0.0, 0.08, 0.08, False),
        (0.0, 0.08, 0.05, True),  # opening stopped
        (0.002, 0.0, 0.002, False),  # is there already
    ],
)
def test_closing_may_end_on_an_object_and_opening_must_arrive(
    before: float, wanted: float, reached: float, is_missed: bool
) -> None:
    assert missed(before, wanted, reached) is is_missed


def test_a_hand_that_was_lost_with_its_arm_is_connected_anew(make: Callable[[FakeHand], Thread]) -> None:
    """Its dead connection is no trouble of the arm that is back."""
    thread, fresh = make(FakeHand()), FakeHand(width=0.06)
    thread.turn()
    thread.gripper._connected = lambda: fresh  # type: ignore[method-assign]
    thread.gripper.open()
    assert thread.gripper.state.mode == GripperMode.CONNECTING
    thread.turn()
    assert (thread.gripper.state.mode, thread.gripper.width) == (GripperMode.HOLDING, 0.06)


def unreachable() -> FakeHand:
    raise RuntimeError("libfranka gripper: Connection refused")


def test_a_hand_that_falls_silent_in_a_motion_is_kept_until_the_motion_has_ended(
    make: Callable[[FakeHand], Thread],
) -> None:
    """franky's thread uses it until then, and would crash the process."""
    motion = Endless()
    thread = make(FakeHand())
    thread.gripper._connected = lambda: SilentHand(motion)  # type: ignore[method-assign]
    thread.turn()
    hand = weakref.ref(thread.gripper._gripper)
    thread.gripper.set_width(0.08)
    thread.turn()
    assert thread.gripper.state.mode == GripperMode.REFUSED
    thread.gripper._connected = unreachable  # type: ignore[method-assign]
    thread.turn()
    assert hand() is not None
    motion.ended = True
    thread.turn()
    assert hand() is None


def test_closing_stops_the_fingers(make: Callable[[FakeHand], Thread], monkeypatch: pytest.MonkeyPatch) -> None:
    thread, motion, stops = make(hand := FakeHand()), Endless(), []

    def stop() -> bool:
        stops.append(hand.width)
        motion.ended = True
        return True

    monkeypatch.setattr(hand, "stop", stop)
    monkeypatch.setattr(hand, "move_async", lambda width, speed: motion)
    thread.turn()
    thread.gripper.set_width(0.08)
    monkeypatch.setattr(motion, "wait", lambda seconds: motion.ended or setattr(thread.gripper, "_running", False))
    thread.turn()
    assert stops == [0.04]
