"""`zprl report`: compares runs in a table and a plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_cli.report.comparison import Row, notes, read_row, text_table
from zprl_core.errors import remedy


@dataclass(frozen=True)
class RunTable:
    """Compare runs: settings and success rates with Wilson's 95 % intervals in a table, and a page with curves."""

    run: Annotated[tyro.conf.Positional[tuple[str, ...]], "runs, each as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    page: Annotated[Path, "file for the page with table and plot, HTML"] = Path("report.html")
    plot: Annotated[Path | None, "file for the plot alone, a PNG"] = None

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("name at least one run: zprl report RUN...")

    def main(self) -> None:
        """Print the table, and write page and plot."""
        from zprl_cli.report.comparison_page import comparison_page  # matplotlib takes a second to load

        folders = [find_run(run, self.runs) for run in self.run]
        rows = print_comparison(folders)
        plot = self._plot(folders, rows)
        _write(self.page, comparison_page(rows, notes(rows), plot).encode(), "--page")
        print(f"page: {self.page}")
        if self.plot is not None:
            _write(self.plot, plot, "--plot")
            print(f"plot: {self.plot}")

    def _plot(self, folders: list[RunFolder], rows: list[Row]) -> bytes:
        from zprl_cli.report.plots import Run, comparison_curves, table

        shown = []
        for folder, row in zip(folders, rows, strict=True):
            rates = ((0, row.base), (row.env_steps, row.finetuned))
            points = tuple((at, rate) for at, rate in rates if rate is not None)
            label = f"{row.name} ({row.steer}, {row.preset}, seed {row.seed})"
            shown.append(Run(label, table(folder.metrics / "episodes.csv"), points))
        return comparison_curves(shown)


def _write(path: Path, data: bytes, flag: str) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error}; {remedy(error)}, or give another {flag}") from None


def print_comparison(folders: Sequence[RunFolder]) -> list[Row]:
    """Print the table of some runs, and what its reader must know. Returns its rows."""
    from zprl.checkpoints.learner_checkpoint import load_counters

    rows = [read_row(folder, load_counters(folder.actor).env_steps) for folder in folders]
    print(text_table(rows))
    for note in notes(rows):
        print(note)
    return rows
