"""Results of interim evaluations survive a damaged table."""

from pathlib import Path

import pytest

from zprl_cli.interim.result import FIRST_RESET, TABLE, InterimResult, append_result, read_results
from zprl_core.seeds import HELD_OUT, is_held_out


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics"
    assert read_results(metrics) == []
    results = [InterimResult(20_100, 12, 20, seconds=3.5), InterimResult(40_000, 19, 20)]
    for result in results:
        append_result(metrics, result)
    assert read_results(metrics) == results
    with (metrics / TABLE).open("a") as table:
        table.write("60000,30,20,1,1.0\n60000,x\n80000,1")  # more successes than episodes; cut off
    assert read_results(metrics) == results


def test_the_bar_shows_counts_and_control_steps() -> None:
    assert str(InterimResult(40_321, 19, 20)) == "held-out 19/20 at 40k"


def test_the_resets_are_held_out_and_not_those_of_the_final_evaluation() -> None:
    assert is_held_out(FIRST_RESET) and is_held_out(FIRST_RESET + 9_999)
    assert FIRST_RESET > HELD_OUT + 200


@pytest.mark.parametrize("wrong", [(-1, 0, 1), (0, 2, 1), (0, 0, 0)])
def test_a_result_that_cannot_be_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a result"):
        InterimResult(*wrong)
