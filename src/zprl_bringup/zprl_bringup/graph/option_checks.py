"""Options that contradict each other, or that no graph could follow, are refused before anything starts.

Each function raises ValueError with the cause and the remedy.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zprl.delivery.reliability_test import HIGHEST_RATE
from zprl.models.vision_config import VisionNetwork
from zprl.rl.config import Steer
from zprl_core.bags.bag_images import CRF, JPEG_QUALITY, BagImages
from zprl_core.latency import Latency
from zprl_core.seeds import HELD_OUT_COUNT, LAST_SEED, ROBOT_SEEDS
from zprl_sim.tasks.catalog import check_task, task_named
from zprl_sim.tasks.latency_check import check_latency

NOT_NEGATIVE = ("noise_seed", "max_update_debt", "max_episodes", "time_limit_s")
COUNTS = ("demos", "env_steps", "euler_steps")  # that go before those of a recipe


def check_simulation(task: str, latency: Latency) -> None:
    """Check that the task exists, and that it can be simulated with this lag."""
    check_task(task)
    if latency == Latency.IMPEDANCE:
        check_latency(task_named(task), latency)


def check_robots(robots: int, first: int, seed: int, in_process: bool) -> None:
    """Check the number of robots, and that each has a seed. `first`: number of the first one, or 0."""
    if robots < 1 or min(first, seed) < 0:
        raise ValueError(
            f"robots must be at least 1, first_robot and seed at least 0, got {robots}, {first} and {seed}"
        )
    if (last := seed + ROBOT_SEEDS * (max(first, 1) + robots - 2)) > LAST_SEED:
        raise ValueError(f"seed must be at most {LAST_SEED - last + seed}, got {seed}")
    if in_process and robots > 1:
        raise ValueError("--in-process runs one robot; remove --robots or --in-process")


def check_numbers(options: Mapping[str, Any]) -> None:
    """Check the options that are counts, or at least 0, among all options by name."""
    check_not_negative({name: options[name] for name in NOT_NEGATIVE})
    check_counts({name: options[name] for name in COUNTS}, options["eval_episodes"])


def check_counts(recipe: dict[str, int | None], eval_episodes: int) -> None:
    """Check counts that go before those of a recipe, by name, and the number of held-out episodes."""
    for name, value in recipe.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}; remove it to use the value of the task's recipe")
    if not 1 <= eval_episodes <= HELD_OUT_COUNT:
        raise ValueError(f"eval_episodes must be within [1, {HELD_OUT_COUNT}], got {eval_episodes}")


def check_not_negative(values: dict[str, float]) -> None:
    """Check numbers that must be at least 0, by name."""
    for name, value in values.items():
        if value < 0:
            raise ValueError(f"{name} must be at least 0, got {value}")


def check_env(env: str | None, expert: str | None, time_limit: int | None, robots: int, usual: bool) -> None:
    """Check the options of a Gymnasium environment. `usual`: no option of zprl's tasks was given."""
    if env is None:
        if expert is not None or time_limit is not None:
            raise ValueError("--expert and --time-limit require --env; give the environment too")
        return
    if expert is None:
        raise ValueError("--env needs an expert; give --expert module:function")
    if not usual:
        raise ValueError("--task, --latency and --obs are for tasks of zprl; remove them, or --env")
    if robots > 1:
        raise ValueError("--env runs one robot in process, without a ROS graph; remove --robots")
    if time_limit is not None and time_limit < 1:
        raise ValueError(f"time_limit must be at least 1, got {time_limit}")


def check_backbone(vision: VisionNetwork, backbone: str | None) -> None:
    """Check that a pretrained network has weights, and no other."""
    if (backbone is not None) != (vision == VisionNetwork.PRETRAINED):
        raise ValueError(
            "--vision pretrained and --backbone FILE, with the weights of a ResNet18, require each other; give both, "
            "or none"
        )


def check_learning(demo_share: float, steer: Steer, until: float | None) -> None:
    """Check the share of demonstrations in the learner's batches, and the success rate at which finetuning ends."""
    if until is not None and not 0 <= until <= HIGHEST_RATE:
        raise ValueError(f"until must be within [0, {HIGHEST_RATE}], got {until:g}; 0: it ends at env_steps only")
    if not 0 <= demo_share <= 0.9:
        raise ValueError(f"demo_share must be within [0, 0.9], got {demo_share:g}")
    if demo_share > 0 and steer != Steer.LATENT:
        raise ValueError(
            f"--demo-share is for --steer latent, as u = 0 describes a demonstration only there; it is {steer.value}"
        )


def check_bags(bags: Path | None, note: str, images: BagImages, jpeg_quality: int, crf: int) -> None:
    """Check the options of recorded episodes."""
    if note and bags is None:
        raise ValueError("the note is kept in bags, and none are recorded; give the folder for bags, or remove it")
    if images != BagImages.RAW and bags is None:
        raise ValueError("bag_images is for bags, and none are recorded; give the folder for bags, or remove it")
    if jpeg_quality != JPEG_QUALITY and images != BagImages.JPEG:
        raise ValueError("bag_jpeg_quality is for bag_images jpeg; choose that, or remove the quality")
    if not 1 <= jpeg_quality <= 100:
        raise ValueError(f"bag_jpeg_quality must be within [1, 100], got {jpeg_quality}")
    if crf != CRF and images != BagImages.H264:
        raise ValueError("bag_h264_crf is for bag_images h264; choose that, or remove the rate factor")
    if not 0 <= crf <= 51:
        raise ValueError(f"bag_h264_crf must be within [0, 51], got {crf}")
