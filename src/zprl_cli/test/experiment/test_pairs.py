"""The episodes of a comparison survive an interruption, and only whole pairs count."""

from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError
from zprl.rl.blind_order import plays_b
from zprl_cli.experiment.pairs import NAME, Pairs, Played

SEED = 3


def test_pairs_are_sorted_by_who_played(tmp_path: Path) -> None:
    pairs = Pairs(tmp_path, SEED)
    for episode in range(12):
        pairs.add(Played(episode, success=plays_b(SEED, episode), source="person"))  # B always succeeds
    assert [p.number for p in pairs.complete] == list(range(6))
    assert pairs.differences.tolist() == [1] * 6
    a, b = pairs.rates
    assert (a.successes, b.successes, a.episodes, b.episodes) == (0, 6, 6, 6)
    assert {p.b.source for p in pairs.complete} == {"person"}


def test_half_a_pair_does_not_count_and_is_not_taken_up(tmp_path: Path) -> None:
    pairs = Pairs(tmp_path, SEED)
    for episode in (0, 1, 2, 5, 6, 7):  # 3 and 4 were discarded
        pairs.add(Played(episode, True))
    assert [p.number for p in pairs.complete] == [0, 3]
    assert Pairs(tmp_path, SEED).complete == pairs.complete
    assert pairs.next_episode == 8
    pairs.add(Played(8, True))
    assert pairs.next_episode == 10


def test_the_first_result_of_an_episode_counts(tmp_path: Path) -> None:
    pairs = Pairs(tmp_path, SEED)
    pairs.add(Played(0, True))
    pairs.add(Played(0, False))
    pairs.add(Played(1, True))
    assert pairs.differences.tolist() == [0] and len((tmp_path / NAME).read_text().splitlines()) == 2


def test_a_line_that_was_cut_off_is_dropped_and_the_file_goes_on(tmp_path: Path) -> None:
    pairs = Pairs(tmp_path, SEED)
    pairs.add(Played(0, True))
    with (tmp_path / NAME).open("a") as file:
        file.write('{"episode": 1, "succ')
    again = Pairs(tmp_path, SEED)
    again.add(Played(1, False))
    assert len(Pairs(tmp_path, SEED).complete) == 1


@pytest.mark.parametrize("line", ["{}", "[1]", "nonsense", '{"episode": -1, "success": true, "source": ""}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / NAME).write_text(f'{{"episode": 0, "success": true, "source": ""}}\n{line}\n')
    with pytest.raises(RunError, match=r"line 2 of .* is damaged .*give another --name"):
        Pairs(tmp_path, SEED)
