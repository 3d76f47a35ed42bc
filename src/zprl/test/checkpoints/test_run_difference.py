"""Two settings are compared value by value."""

import pytest

from zprl.checkpoints.run_difference import Difference, difference_table, differences


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"b": 1, "a": {"x": 2}}, {"b": 2, "a": {"x": 3}}, [("a.x", 2, 3), ("b", 1, 2)]),
        ({"a": 1}, {"b": None}, [("a", 1, None)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("a", [1, 2], [1, 3])]),
        ({"a": [{"x": 1, "y": 2}]}, {"a": [{"x": 1, "y": 3}]}, [("a.0.y", 2, 3)]),
        ({"a": [{"x": 1}]}, {"a": []}, [("a", [{"x": 1}], [])]),
    ],
    ids=str,
)
def test_what_differs_is_named_by_its_path(then: object, now: object, expected: list[tuple[object, ...]]) -> None:
    assert [(each.name, each.then, each.now) for each in differences(then, now)] == expected


def test_the_table_has_a_row_for_each_and_cuts_long_values() -> None:
    lines = difference_table([Difference("lr", 0.1, None), Difference("sizes", "9" * 99, 1)]).splitlines()
    assert [line.split() for line in lines] == [["then", "now"], ["lr", "0.1", "-"], ["sizes", "9" * 40, "1"]]


def test_a_table_that_is_cut_says_how_many_rows_are_left_out() -> None:
    rows = [Difference(f"n{k}", k, None) for k in range(5)]
    assert [line.split()[0] for line in difference_table(rows, 2).splitlines()] == ["then", "n0", "n1", "and"]
    assert difference_table(rows, 2).endswith("  and 3 more")
