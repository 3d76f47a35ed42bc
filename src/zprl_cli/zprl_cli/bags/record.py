"""Records bags of the scripted expert through the ROS graph."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from zprl_bringup.graph.graphs import demos_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_list import BagState, summary_of
from zprl_core.bags.bag_reader import is_described
from zprl_core.obs import Obs


def record_bags(options: RunOptions, robot: str, bags: Path, run_folder: Path, bar: ProgressBar) -> int:
    """Record until the folder has as many successful episodes of the task as the recipe wants; returns their number.

    Logs of the nodes go to `run_folder`. Raises ValueError for options that have no effect here.
    """
    if options.obs != Obs.STATE or options.env is not None:
        raise ValueError("--ros records the poses of objects of a task of zprl; remove --obs and --env")
    chosen = replace(options, robot=robot, lockstep=robot == "sim", deployed=False, bags=bags)
    settings = GraphSettings(run_folder.name, run_folder, chosen)
    wanted = chosen.recipe.demos
    with bar.phase("demos", wanted) as phase:
        count = _Count(bags, options.task)

        def enough(now: RunStatus) -> bool:
            phase.update(kept := count.kept())
            return kept >= wanted

        if not enough(RunStatus()):
            run_graph(demos_graph(settings), run_folder, enough)
    return count.kept()


@dataclass
class _Count:
    """Counts the demonstrations of a task in a folder; each complete bag is read once."""

    bags: Path
    task: str
    _judged: dict[str, bool] = field(default_factory=dict)  # whether a bag is a demonstration, by name

    def kept(self) -> int:
        """Return the number of successful episodes whose bags are complete."""
        for path in self.bags.iterdir() if self.bags.is_dir() else ():
            if path.name not in self._judged and is_described(path):
                found = summary_of(path)
                if found.state == BagState.RECORDING:  # the recorder is about to release it
                    continue
                label, task = found.custom.get("label"), found.custom.get("task")
                self._judged[path.name] = (found.state, label, task) == (BagState.COMPLETE, "success", self.task)
        return sum(self._judged.values())
