"""`zprl runs`: lists the runs in a folder."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_bringup.graph.phases import Phase, begun
from zprl_cli.listing import print_table

HEADS = ("run", "task", "steer", "preset", "seed", "phase", "base", "finetuned")
REACHED = {None: "new", Phase.DEMOS: "demonstrations", Phase.PRETRAIN: "base", Phase.FINETUNE: "finetuning"}


@dataclass(frozen=True)
class Runs:
    """List the runs: settings, the phase that each has reached, and success rates on held-out resets.

    zprl report compares several, with intervals and curves.
    """

    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")

    def main(self) -> None:
        """Print the table; a run that cannot be read is reported on stderr, and the others are listed."""
        rows = []
        for config in sorted(self.runs.glob("*/config.json")):
            try:
                rows.append(read_cells(RunFolder(config.parent)))
            except RunError as error:
                print(f"zprl: {error}", file=sys.stderr)
        print_table(HEADS, rows)
        if not rows:
            print(f"zprl: {self.runs} has no run; zprl finetune makes one", file=sys.stderr)


def read_cells(folder: RunFolder) -> tuple[str, ...]:
    """Return the row of a run. Raises RunError when its records are damaged."""
    found = (folder.read("config") or {}).get("settings")
    settings: dict[str, Any] = found if isinstance(found, dict) else {}
    task = settings.get("env") or settings.get("task", "-")
    chosen = (str(settings.get(name, "-")) for name in ("steer", "preset", "seed"))
    phase = "finished" if (folder.path / "report.json").exists() else REACHED[begun(folder)]
    return folder.path.name, str(task), *chosen, phase, _percent(folder, "base"), _percent(folder, "finetuned")


def _percent(folder: RunFolder, policy: str) -> str:
    found = folder.read(f"evaluation_{policy}") or {}
    try:
        return f"{100 * int(found['successes']) / int(found['episodes']):.1f} %"
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return "-"
