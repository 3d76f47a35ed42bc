"""Records bags of the scripted expert through the ROS graph."""

from dataclasses import replace
from pathlib import Path

from zprl_bringup.graph.graphs import demos_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.bags.demo_count import DemoCount
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_images import BagImages
from zprl_sim.tasks.catalog import task_named


def record_bags(
    options: RunOptions,
    robot: str,
    bags: Path,
    run_folder: Path,
    bar: ProgressBar,
    images: BagImages = BagImages.RAW,
) -> int:
    """Record until the folder has as many successful episodes of the task as the recipe wants; returns their number.

    Logs of the nodes go to `run_folder`. The expert sees the objects, also where the bags have images instead. Raises
    ValueError for options that have no effect here.
    """
    if options.env is not None:
        raise ValueError("--ros records a task of zprl; remove --env")
    cameras = task_named(options.task).cameras if options.obs.sees else ()
    chosen = replace(options, robot=robot, lockstep=robot == "sim", deployed=False, cameras=cameras)
    chosen = replace(chosen, bags=bags, bag_images=images)
    settings = GraphSettings(run_folder.name, run_folder, chosen)
    wanted = chosen.recipe.demos
    with bar.phase("demos", wanted) as phase:
        count = DemoCount(bags, options.task)

        def enough(now: RunStatus) -> bool:
            phase.update(kept := count.kept())
            return kept >= wanted

        if not enough(RunStatus()):
            run_graph(demos_graph(settings, count.next_episode), run_folder, enough)
    return count.kept()
