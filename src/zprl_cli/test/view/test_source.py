"""What the words of `zprl view` mean."""

from pathlib import Path

import pytest

from zprl_cli.view.source import sources_of
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.errors import RecordError


def bag(folder: Path, started_ns: int) -> Path:
    BagWriter(folder, {"started_ns": str(started_ns)}).finish({})
    return folder


@pytest.fixture
def bags(tmp_path: Path) -> Path:
    """A folder with three bags, whose names are in another order than their times."""
    for name, started_ns in (("a", 30), ("b", 10), ("c", 20)):
        bag(tmp_path / "bags" / name, started_ns)
    return tmp_path / "bags"


def shown(names: list[str], runs: Path, last: int = 1) -> list[str]:
    source = sources_of(names, runs, last)
    return [bag.path.name for bag in source.bags] + [str(path) for path in source.records]


def test_a_folder_gives_its_newest_bags_the_earliest_first(bags: Path) -> None:
    assert shown([str(bags)], bags) == ["a"]
    assert shown([str(bags)], bags, last=2) == ["c", "a"]
    assert shown([str(bags)], bags, last=9) == ["b", "c", "a"]


def test_bags_are_shown_by_time(bags: Path) -> None:
    assert shown([str(bags / "a"), str(bags / "b")], bags) == ["b", "a"]


def test_a_run_is_a_name_or_a_path_and_gives_its_record(tmp_path: Path, bags: Path) -> None:
    record = tmp_path / "runs" / "lift-seed0" / "record"
    record.mkdir(parents=True)
    (record / "000000.mcap").touch()
    for name in ("lift-seed0", str(record.parent), str(record)):
        assert shown([name], tmp_path / "runs") == [str(record)]
    assert shown(["lift-seed0", str(bags)], tmp_path / "runs") == ["a", str(record)]


@pytest.mark.parametrize(
    ("name", "message"),
    [("nothing", "neither a bag nor a folder of bags: nothing is neither"), ("empty", "holds neither bags nor a run")],
)
def test_a_name_of_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordError, match=message):
        sources_of([name], tmp_path / "runs", 1)
