"""What a base of bags says that it was made from."""

from pathlib import Path

import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_cli.bags.base import chosen_text, succeeded
from zprl_cli.bags.demos import Choice
from zprl_core.bags.bag_mapping import BagMapping

MAPPING = BagMapping("lift", {"tool": "/ee"})


def test_the_text_of_a_choice_stays_that_of_earlier_versions() -> None:
    """A run is continued only with the checksum of this text that it was made with."""
    assert chosen_text(Choice(), None) == "Choice(labels=('success',), task='', mapping=None)"
    assert chosen_text(Choice(corrections=True), "abc").endswith("mapping=None), corrections, and abc")
    assert "mapping=BagMapping(like='lift', topics={'tool': '/ee'}, obs=" in chosen_text(Choice(mapping=MAPPING), None)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), True),
        (Choice(("success", "failure")), False),
        (Choice(("timeout",)), False),
        (Choice(mapping=MAPPING), True),
        (Choice(mapping=BagMapping("lift", {"tool": "/ee"}, label="failure")), False),
    ],
    ids=str,
)
def test_only_successes_may_be_replayed_by_a_learner(choice: Choice, expected: bool) -> None:
    assert succeeded(choice) is expected


def test_corrections_are_refused_where_nothing_tells_who_moved_the_arm(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--corrections is for bags of zprl, which tell who moved the arm"):
        Choice(mapping=MAPPING, corrections=True)
