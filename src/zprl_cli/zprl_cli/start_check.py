"""Checks what all phases of a run need before the first one starts, as a refusal would come minutes later."""

import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from zprl.checkpoints.run_folder import LONGEST_NAME, RunError, RunFolder
from zprl.models.unet_config import Head
from zprl.models.vision_config import VisionNetwork
from zprl_bringup.graph.demo_check import check_demonstrations
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import graph_settings
from zprl_bringup.graph.spec import Graph, GraphError
from zprl_bringup.runner.middleware import check_middleware
from zprl_bringup.runner.ros_domain import own_domain, parts_of
from zprl_bringup.runner.runner import check_built
from zprl_cli.doctor.disk import GB, existing
from zprl_core.errors import CheckpointError, quoted
from zprl_core.host.ros_log_folder import is_writable
from zprl_core.host.start_error_table import LOG_FOLDER
from zprl_sim.tasks.catalog import task_named

BASE_AND_CHECKPOINTS = 60e6  # bytes, with report and logs; three checkpoints of ten critics are the largest part
DEMONSTRATION = 0.1e6  # bytes of one, of several hundred control steps
VIDEO_AND_CACHE = 1.2  # bytes for each of a pixel's numbers: the cache, and a video of a fifth of that at most
SHARED = {VisionNetwork.SMALL: 0.0, VisionNetwork.RESNET18: 0.0, VisionNetwork.PRETRAINED: 45e6}  # bytes in the base
PER_CAMERA = {VisionNetwork.SMALL: 0.0, VisionNetwork.RESNET18: 50e6, VisionNetwork.PRETRAINED: 5e6}
UNET = 90e6  # bytes
CHUNK = 2e3  # bytes of one in record and journal; 1.8e3 were measured with two arms


def check_start(
    options: RunOptions, folder: RunFolder, finetunes: bool = True, base_of: RunFolder | None = None
) -> None:
    """Check everything that a run needs, and print how much it may write. Raises RunError with one line per trouble.

    `finetunes`: False for a run that ends with demonstrations or base. `base_of`: the run whose base it gets.
    """
    check_name(folder.path.name)
    need, free = needed_bytes(options, folder, finetunes), shutil.disk_usage(existing(folder.path)).free
    troubles = [*folder_troubles(folder.path), *disk_troubles(folder.path, need, free)]
    if base_of is None and not (folder.base / "checkpoint.json").exists():
        troubles += backbone_troubles(options)
    if finetunes:
        troubles += demo_troubles(options, (folder if base_of is None else base_of).base)
    if finetunes and not options.in_process:
        troubles += _graph_troubles(options, folder)
    _raise(troubles)
    if need:
        print(f"zprl: up to {need / GB:.2f} GB in {folder.path}, {free / GB:.1f} GB are free", file=sys.stderr)


def check_graph(graph: Graph, folder: Path) -> None:
    """Check what a graph needs that starts now. Raises RunError with one line per trouble."""
    check_name(folder.name)
    _raise([*folder_troubles(folder), *ros_troubles(graph)])


def check_results(folder: RunFolder) -> None:
    """Check that the results of an evaluation can be kept in the run's folder. Raises RunError."""
    closed = [path for path in (folder.path, folder.path / "evaluations") if not is_writable(path)]
    _raise([
        f"the result would be kept in {path}, which cannot be written; change its permissions (ls -ld), or copy the "
        "run, and give the folder of the copy"
        for path in closed
    ])  # fmt: skip


def check_name(name: str) -> None:
    """Raises ValueError unless `name` can be the name of a run and of its folder."""
    plain = name not in ("", ".", "..") and Path(name).name == name and name.isprintable()
    if not plain or len(name.encode()) > LONGEST_NAME:
        raise ValueError(
            f"{quoted(name)!r} cannot be the name of a folder, as a run's must; give another --name, of at most "
            f"{LONGEST_NAME} bytes and without / (--runs is the folder around it)"
        )


def needed_bytes(options: RunOptions, folder: RunFolder, finetunes: bool = True) -> float:
    """Estimate generously how much a run will still write; less what its folder holds already."""
    recipe = options.recipe
    chunks = recipe.env_steps / recipe.n_action_steps if finetunes else 0.0
    demonstrations = (DEMONSTRATION + _image_bytes(options)) * recipe.demos
    total = BASE_AND_CHECKPOINTS + _network_bytes(options) + demonstrations + CHUNK * chunks
    written = sum(path.lstat().st_size for path in folder.path.rglob("*")) if folder.path.is_dir() else 0
    return max(0.0, total - written)


def _network_bytes(options: RunOptions) -> float:
    """Estimate the bytes of the networks of a base that are larger than the smallest ones."""
    cameras = 1 if options.env is not None else len(task_named(options.task).observed(options.obs).images)
    unet = UNET if options.head == Head.UNET else 0.0
    return unet + SHARED[options.vision] + cameras * PER_CAMERA[options.vision]


def _image_bytes(options: RunOptions) -> float:
    """Estimate the bytes of the images of one demonstration, video and cache; 0 for a Gymnasium environment."""
    if options.env is not None:
        return 0.0
    task = task_named(options.task)
    pixels = sum(math.prod(stream.shape) for stream in task.observed(options.obs).images)
    return VIDEO_AND_CACHE * pixels * task.time_limit


def folder_troubles(folder: Path) -> Iterator[str]:
    """Return why the run's folder cannot be written."""
    if not is_writable(folder.expanduser().absolute()):
        yield f"{folder} cannot be written; choose another --runs, or change the permissions of {existing(folder)}"


def disk_troubles(folder: Path, need: float, free: float) -> Iterator[str]:
    """Return whether the disk is too small."""
    if need > free:
        yield (
            f"the run may need {need / GB:.2f} GB, but {existing(folder)} has {free / GB:.2f} GB free; free some disk "
            "space, choose --runs on another disk, or give fewer --env-steps"
        )


def backbone_troubles(options: RunOptions) -> Iterator[str]:
    """Return why the weights of a pretrained backbone cannot be used."""
    if options.backbone is None:
        return
    from zprl.checkpoints.backbone_file import backbone_in

    try:
        backbone_in(options.backbone)
    except CheckpointError as error:
        yield str(error)


def demo_troubles(options: RunOptions, base: Path) -> Iterator[str]:
    """Return whether the base lacks demonstrations that are to be replayed."""
    try:
        check_demonstrations(options.finetune.learner.demo_share, base)
    except GraphError as error:
        yield str(error)


def ros_troubles(graph: Graph, env: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Return what keeps the nodes of a graph from starting: workspace, middleware, log folder, domain."""
    try:
        check_built(graph)
        check_middleware(graph.variables(env))
    except GraphError as error:
        yield str(error)
    logs = env.get("ROS_LOG_DIR")  # without it the nodes find a folder that they can write
    if logs and not is_writable(Path(logs)):
        yield f"ROS cannot write its logs, as ROS_LOG_DIR={logs} is not writable; {LOG_FOLDER}"
    try:
        with own_domain(graph.variables(env), parts=parts_of(graph)):
            pass
    except GraphError as error:
        yield str(error)


def _graph_troubles(options: RunOptions, folder: RunFolder) -> list[str]:
    try:
        graph = finetune_graph(graph_settings(options, folder))
    except (GraphError, ValueError) as error:
        return [str(error)]
    return list(ros_troubles(graph))


def _raise(troubles: list[str]) -> None:
    if troubles:
        raise RunError("\nzprl: ".join(dict.fromkeys(troubles)))
