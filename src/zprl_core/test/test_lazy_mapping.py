"""Values that are made when they are first read."""

import pytest

from zprl_core.lazy_mapping import LazyMapping, ready_part


def test_a_value_is_made_once_and_only_when_it_is_read() -> None:
    made: list[str] = []

    def make() -> int:
        made.append("front")
        return 7

    values = LazyMapping({"width": 1}, {"front": make})
    assert list(values) == ["width", "front"] and len(values) == 2 and "front" in values and "wrist" not in values
    assert values.keys() == {"width", "front"} and ready_part(values) == {"width": 1} and not made
    assert (values["width"], values["front"], values["front"]) == (1, 7, 7) and made == ["front"]
    with pytest.raises(KeyError):
        values["wrist"]


def test_a_maker_that_fails_is_asked_again() -> None:
    answers = iter([RuntimeError("too late"), 5])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    values = LazyMapping({}, {"front": make})
    with pytest.raises(RuntimeError, match="too late"):
        values["front"]
    assert values["front"] == 5


def test_every_value_of_a_plain_mapping_is_ready() -> None:
    assert ready_part({"width": 1}) == {"width": 1}
