"""`zprl view`: shows recorded episodes, or the record of a run, in Rerun."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zprl_cli.view.source import Source, sources_of
from zprl_core.config.metadata import Range, check_ranges
from zprl_core.errors import RecordError

if TYPE_CHECKING:
    from zprl_cli.view.moment import Moment

SUFFIX = ".rrd"
MISSING = (
    "the viewer Rerun is not installed; pip install -r requirements-view.txt -c constraints.txt installs it: 170 MB to "
    "download, in an environment with numpy 2"
)


@dataclass(frozen=True)
class View:
    """Show recorded episodes, or the record of a run, in Rerun, over time.

    Of a bag: cameras, poses of tools and objects, plans, joints, gripper, commands against what was executed, success,
    events. Of a run: rewards, success, residuals. A viewer opens, or --save writes a file for one elsewhere.
    """

    what: Annotated[tyro.conf.Positional[tuple[str, ...]], "bags, folders of bags, or runs (paths or names)"]
    save: Annotated[Path | None, "write this .rrd file, and open no viewer"] = None
    last: Annotated[int, "newest bags of each folder that are shown", Range(1, 10_000)] = 1
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.what:
            raise ValueError("name a bag, a folder of bags, or a run")
        if self.save is not None and self.save.suffix != SUFFIX:
            raise ValueError(f"--save {self.save}: Rerun opens files named *{SUFFIX}; give such a name")

    def main(self) -> None:
        """Raises RecordError when there is nothing to show."""
        if find_spec("rerun") is None:
            raise ValueError(MISSING)
        source = sources_of(self.what, self.runs, self.last)
        if self.save is not None:
            self._write(source, self.save)
            print(self.save)
            return
        from zprl_cli.view.rerun.viewer import view_file

        with tempfile.TemporaryDirectory(prefix="zprl-view-") as folder:
            file = Path(folder) / f"view{SUFFIX}"
            self._write(source, file)
            code = view_file(file)
        if code:
            raise RecordError(f"Rerun's viewer ended with code {code}; on a machine without a screen use --save")

    def _write(self, source: Source, file: Path) -> None:
        from zprl_cli.view.rerun.log import rerun_file

        count = 0
        with rerun_file(file, " ".join(Path(name).name for name in self.what)) as log:
            for moment in moments_of(source):
                log.show(moment)
                count += 1
            if not count:
                raise RecordError(f"{', '.join(self.what)} has nothing that can be shown")


def moments_of(source: Source) -> "Iterator[Moment]":
    """Yields what is shown; tells on stderr what is left out. Raises RecordError when a file is damaged."""
    from zprl_cli.view.ros.bag_moments import BagMoments
    from zprl_cli.view.ros.record_moments import record_moments
    from zprl_core.bags.bag_reader import bag_file

    for record in source.records:
        yield from record_moments(record)
    for bag in source.bags:
        reader = BagMoments(bag_file(bag.path))
        yield from reader.moments()
        for topic, why in reader.refused.items():
            print(f"zprl: {bag.path.name}: a message of {topic} is not shown: {why}", file=sys.stderr)
