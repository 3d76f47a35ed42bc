"""Finds what `zprl view` shows: bags, the newest of a folder, or the record of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunError
from zprl_core.bags.bag_list import BagSummary, bags_in, summary_of
from zprl_core.errors import RecordError

RECORD = "record"


@dataclass(frozen=True)
class Source:
    """Bags of episodes, the earliest first; and the folders of records."""

    bags: tuple[BagSummary, ...] = ()
    records: tuple[Path, ...] = ()


def sources_of(names: Sequence[str], runs: Path, last: int) -> Source:
    """Returns what the names mean. `runs`: the folder of named runs. `last`: newest bags of a folder that are shown.

    Raises RecordError for a name that is none of these.
    """
    found = [_source(name, runs, last) for name in names]
    bags = sorted((bag for each in found for bag in each.bags), key=_started_ns)
    return Source(tuple(bags), tuple(record for each in found for record in each.records))


def _source(name: str, runs: Path, last: int) -> Source:
    path = Path(name).expanduser()
    if any(path.glob("*.mcap")) and path.name != RECORD:
        return Source((summary_of(path),))
    if path.name == RECORD and path.is_dir():
        return Source(records=(path,))
    try:
        return Source(records=(find_run(name, runs, RECORD).record,))
    except RunError as error:
        if not path.is_dir():
            raise RecordError(f"neither a bag nor a folder of bags: {error}") from None
    bags = sorted(bags_in(path), key=_started_ns)
    if not bags:
        raise RecordError(f"{path} holds neither bags nor a run; give a bag, a folder of bags, or a run")
    return Source(tuple(bags[-last:]))


def _started_ns(bag: BagSummary) -> int:
    text = bag.custom.get("started_ns", "")
    return int(text) if text.isdecimal() else bag.path.stat().st_mtime_ns
