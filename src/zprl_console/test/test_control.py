"""One viewer holds the buttons, and passes them on."""

import pytest

from zprl_console.control import ANSWER_S, GONE_S, UNNAMED, Control

BOTH = {"a", "b"}


@pytest.fixture
def held() -> Control:
    """Control of viewer a, at 0 s."""
    control = Control()
    control.tick(BOTH, 0.0)
    control.take("a", 0.0)
    return control


def test_free_control_is_taken_at_once_and_by_one(held: Control) -> None:
    assert held.holder == "a" and held.wanted is None
    held.take("a", 1.0)
    assert held.wanted is None
    held.take("b", 1.0)
    assert held.holder == "a" and held.wanted is not None and held.wanted.viewer == "b"


def test_the_holder_hands_over_or_keeps_it(held: Control) -> None:
    held.take("b", 1.0)
    held.answer("b", True)  # not the holder
    assert held.holder == "a"
    held.answer("a", False)
    assert held.holder == "a" and held.wanted is None
    held.take("b", 2.0)
    held.answer("a", True)
    assert held.holder == "b" and held.wanted is None
    held.answer("b", True)  # nothing was asked
    assert held.holder == "b"


def test_without_an_answer_it_passes(held: Control) -> None:
    held.take("b", 1.0)
    held.tick(BOTH, 1.0 + ANSWER_S - 0.1)
    assert held.holder == "a"
    held.tick(BOTH, 1.0 + ANSWER_S)
    assert held.holder == "b" and held.wanted is None


def test_a_third_viewer_does_not_displace_the_one_who_asked(held: Control) -> None:
    held.take("b", 1.0)
    held.take("c", 2.0)
    assert held.wanted is not None and held.wanted.viewer == "b"


def test_released_control_is_free_or_goes_to_the_one_who_asked(held: Control) -> None:
    held.release("b")
    assert held.holder == "a"
    held.release("a")
    assert held.holder == ""
    held.take("b", 1.0)
    held.take("a", 1.0)
    held.release("b")
    assert held.holder == "a"


def test_a_holder_who_is_gone_loses_it(held: Control) -> None:
    held.tick({"b"}, GONE_S)
    assert held.holder == "a"
    held.tick({"b"}, GONE_S + 0.1)
    assert held.holder == ""


def test_a_short_interruption_changes_nothing(held: Control) -> None:
    held.tick({"b"}, GONE_S - 0.1)
    held.tick(BOTH, GONE_S)
    held.tick({"b"}, 2 * GONE_S - 0.1)
    assert held.holder == "a"


def test_one_who_asked_and_is_gone_does_not_get_it(held: Control) -> None:
    held.take("b", 0.0)
    held.tick({"a"}, GONE_S + 0.1)
    assert held.wanted is None
    held.tick({"a"}, 2 * ANSWER_S)
    assert held.holder == "a"


def test_names_are_short_and_on_one_line() -> None:
    control = Control()
    assert control.name("a") == UNNAMED
    control.set_name("a", " Anna \n Lee " + "x" * 100)
    assert control.name("a").startswith("Anna Lee x") and len(control.name("a")) == 40
    control.set_name("a", "  ")
    assert control.name("a") == UNNAMED


def test_names_of_viewers_that_are_gone_are_forgotten() -> None:
    control = Control()
    control.tick({"a"}, 0.0)
    control.set_name("a", "Anna")
    control.tick(set(), GONE_S + 1.0)
    assert control.name("a") == UNNAMED
