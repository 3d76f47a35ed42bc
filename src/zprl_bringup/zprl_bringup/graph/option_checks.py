"""Options that contradict each other, or that no graph could follow, are refused before anything starts."""

from typing import TYPE_CHECKING

from zprl.models.vision_config import VisionNetwork
from zprl.rl.config import Steer
from zprl_core.bags.bag_images import JPEG_QUALITY, BagImages
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_core.seeds import HELD_OUT_COUNT, LAST_SEED, ROBOT_SEEDS
from zprl_sim.tasks.catalog import check_task, task_named
from zprl_sim.tasks.latency_check import check_latency

if TYPE_CHECKING:
    from zprl_bringup.graph.run_options import RunOptions


def check_options(options: "RunOptions") -> None:
    """Raises ValueError for options that cannot be used, with the cause and the remedy."""
    check_task(options.task)
    if options.latency == Latency.IMPEDANCE:
        check_latency(task_named(options.task), options.latency)
    _check_env(options)
    _check_numbers(options)
    if (options.backbone is not None) != (options.vision == VisionNetwork.PRETRAINED):
        raise ValueError(
            "--vision pretrained and --backbone FILE, with the weights of a ResNet18, require each other; give "
            "both, or none"
        )
    if options.demo_share > 0 and options.steer != Steer.LATENT:
        raise ValueError(
            f"--demo-share is for --steer latent, as u = 0 describes a demonstration only there; it is "
            f"{options.steer.value}"
        )
    _check_bags(options)
    if options.in_process and options.robots > 1:
        raise ValueError("--in-process runs one robot; remove --robots or --in-process")


def _check_bags(options: "RunOptions") -> None:
    if options.note and options.bags is None:
        raise ValueError("the note is kept in bags, and none are recorded; give the folder for bags, or remove it")
    if options.bag_images != BagImages.RAW and options.bags is None:
        raise ValueError("bag_images is for bags, and none are recorded; give the folder for bags, or remove it")
    if options.bag_jpeg_quality != JPEG_QUALITY and options.bag_images != BagImages.JPEG:
        raise ValueError("bag_jpeg_quality is for bag_images jpeg; choose that, or remove the quality")
    if not 1 <= options.bag_jpeg_quality <= 100:
        raise ValueError(f"bag_jpeg_quality must be within [1, 100], got {options.bag_jpeg_quality}")


def _check_numbers(options: "RunOptions") -> None:
    if options.robots < 1 or options.seed < 0:
        raise ValueError(f"robots must be at least 1 and seed at least 0, got {options.robots} and {options.seed}")
    if (last := options.seed + ROBOT_SEEDS * (options.robots - 1)) > LAST_SEED:
        raise ValueError(f"seed must be at most {LAST_SEED - last + options.seed}, got {options.seed}")
    if options.noise_seed < 0:
        raise ValueError(f"noise_seed must be at least 0, got {options.noise_seed}")
    if min(options.max_update_debt, options.max_episodes, options.time_limit_s) < 0:
        raise ValueError("max_update_debt, max_episodes and time_limit_s must be at least 0")
    if not 1 <= options.eval_episodes <= HELD_OUT_COUNT:
        raise ValueError(f"eval_episodes must be within [1, {HELD_OUT_COUNT}], got {options.eval_episodes}")
    if not 0 <= options.demo_share <= 0.9:
        raise ValueError(f"demo_share must be within [0, 0.9], got {options.demo_share:g}")
    for name in ("demos", "env_steps", "euler_steps"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}; remove it to use the value of the task's recipe")


def _check_env(options: "RunOptions") -> None:
    if options.env is None:
        if options.expert is not None or options.time_limit is not None:
            raise ValueError("--expert and --time-limit require --env; give the environment too")
        return
    if options.expert is None:
        raise ValueError("--env needs an expert; give --expert module:function")
    if (options.task, options.latency, options.obs) != (type(options).task, Latency.IDEAL, Obs.STATE):
        raise ValueError("--task, --latency and --obs are for tasks of zprl; remove them, or --env")
    if options.robots > 1:
        raise ValueError("--env runs one robot in process, without a ROS graph; remove --robots")
    if options.time_limit is not None and options.time_limit < 1:
        raise ValueError(f"time_limit must be at least 1, got {options.time_limit}")
