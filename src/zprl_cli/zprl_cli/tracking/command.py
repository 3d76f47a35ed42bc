"""`zprl track`: hands the metrics of a run to an experiment tracker."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunError
from zprl.training.tracking.tracker import TrackerKind
from zprl_core.errors import quoted


@dataclass(frozen=True)
class Track:
    """Hand the metrics of a run to an experiment tracker, until the run ends; of a finished run all at once.

    Offline by default: the files are in the run's folder trackers. The same command again sends what is new.
    """

    run: Annotated[tyro.conf.Positional[str], "run, as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    to: Annotated[TrackerKind, "wandb: Weights & Biases; mlflow: MLflow"] = TrackerKind.WANDB
    online: Annotated[
        bool, "send to the server: of wandb, after wandb login; of MLflow, as MLFLOW_TRACKING_URI says"
    ] = False

    def main(self) -> None:
        """Follow the run. Raises RunError."""
        from zprl.training.tracking.follow import LOOK_EVERY_S, follow, is_over

        folder = find_run(self.run, self.runs, has="metrics")
        if not is_over(folder):
            print(f"zprl: {folder.path} is running; Ctrl-C stops this command, not the run", file=sys.stderr)
        try:
            sent = follow(folder, self.to, self.online, lambda: is_over(folder), lambda: time.sleep(LOOK_EVERY_S))
        except RunError:
            raise
        except Exception as error:  # of any kind, from the tracker's library
            raise RunError(f"{self.to.value} failed: {quoted(error)}; the same command goes on from there") from error
        print(f"{folder.path}: {sent} new rows to {self.to.value}")
