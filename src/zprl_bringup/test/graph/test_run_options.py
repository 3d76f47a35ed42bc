"""What the options refuse, and which of them a run folder keeps."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zprl.checkpoints.run_migrations import migrated
from zprl.models.unet_config import Head, UnetConfig
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.bags.bag_images import BagImages
from zprl_core.config.metadata import OfferedBy, description, fields_of
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_sim.tasks.catalog import task_named

OLD = Path(__file__).parent / "data" / "run_of_format_2" / "config.json"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"task": "juggle"}, "known tasks are .*lift"),
        ({"robots": 0}, "at least 1"),
        ({"seed": -1}, "seed at least 0, got 1, 0 and -1"),
        ({"in_process": True, "robots": 2}, "--in-process runs one robot"),
        ({"demos": 0}, "demos must be at least 1, got 0; remove it"),
        ({"demos": -3}, "demos must be at least 1, got -3; remove it"),
        ({"env_steps": 0}, "env_steps must be at least 1, got 0; remove it"),
        ({"eval_episodes": 0}, r"eval_episodes must be within \[1, 1000000\], got 0"),
        ({"eval_episodes": 10**7}, "got 10000000"),
        ({"seed": 2**31}, "seed must be at most 2147483647, got 2147483648"),
        ({"max_update_debt": -1}, "must be at least 0"),
        ({"expert": "a:b"}, "require --env"),
        ({"bag_images": BagImages.PNG}, "bag_images is for bags, and none are recorded"),
        ({"bags": Path("b"), "bag_jpeg_quality": 80}, "bag_jpeg_quality is for bag_images jpeg"),
        ({"bags": Path("b"), "bag_images": BagImages.JPEG, "bag_jpeg_quality": 0}, r"must be within \[1, 100\], got 0"),
        ({"bags": Path("b"), "bag_h264_crf": 23}, "bag_h264_crf is for bag_images h264"),
        ({"bags": Path("b"), "bag_images": BagImages.H264, "bag_h264_crf": 52}, r"must be within \[0, 51\], got 52"),
        ({"vision": VisionNetwork.PRETRAINED}, "--vision pretrained and --backbone FILE, .* require each other"),
        ({"obs": Obs.IMAGES, "backbone": "x.pth"}, "--vision pretrained and --backbone FILE, .* require each other"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RunOptions(**wrong)


def test_counts_go_before_the_recipes() -> None:
    recipe = RunOptions(demos=1, env_steps=1).recipe
    assert (recipe.demos, recipe.env_steps) == (1, 1)


def test_the_networks_of_the_base_can_be_chosen() -> None:
    task = task_named("lift")
    problem = SimpleNamespace(observation=task.observed(Obs.IMAGES), action=task.action)
    usual = RunOptions(obs=Obs.IMAGES).base_config(problem)  # type: ignore[arg-type]
    assert (usual.vision, usual.unet) == (VisionConfig(), None)
    chosen = RunOptions(obs=Obs.IMAGES, vision=VisionNetwork.RESNET18, head=Head.UNET)
    large = chosen.base_config(problem)  # type: ignore[arg-type]
    assert (large.vision, large.unet) == (VisionConfig(VisionNetwork.RESNET18, 256), UnetConfig())


def test_the_path_of_a_backbone_is_absolute_so_that_a_run_can_be_resumed_elsewhere() -> None:
    options = RunOptions(obs=Obs.IMAGES, vision=VisionNetwork.PRETRAINED, backbone="weights/x.pth")
    assert options.backbone == str(Path.cwd() / "weights" / "x.pth") and options.saved["backbone"] == options.backbone


def test_every_option_has_a_text_and_a_command_that_offers_it() -> None:
    for name, hint in fields_of(RunOptions).items():
        (offered,) = (extra for extra in hint.__metadata__ if isinstance(extra, OfferedBy))
        assert (offered.commands or name == "kept") and set(offered.commands) <= set(Command), name
        assert description(hint).text, name


def test_a_run_keeps_what_it_kept_before() -> None:
    """Another set of names would refuse to resume the runs that there are."""
    saved = RunOptions(latency=Latency.REAL).saved
    assert set(saved) == set(migrated(json.loads(OLD.read_text())).config["settings"])
    assert json.loads(json.dumps(saved)) == saved and saved["latency"] == "real"


def test_springs_are_refused_for_a_task_whose_actions_are_joints() -> None:
    assert RunOptions(task="lift_in_joints", latency=Latency.REAL).latency == Latency.REAL
    with pytest.raises(ValueError, match="those of lift_in_joints are joint targets; use latency real"):
        RunOptions(task="lift_in_joints", latency=Latency.IMPEDANCE)


def test_a_recipe_changes_the_entropy_of_preset_cpu_alone() -> None:
    long = {"task": "pick_to_tray"}
    cpu, efficient, fast = (
        RunOptions(**long, preset=preset).finetune for preset in (Preset.CPU, Preset.EFFICIENT, Preset.FAST)
    )
    assert [c.learner.sac.entropy_per_dim for c in (cpu, efficient, fast)] == [-0.5, -2.0, -0.5]
    assert [c.exploration.after_warmup for c in (cpu, efficient, fast)] == [0.1, 0.1, 0.0]
    assert (efficient.learner.sac.critics, efficient.learner.utd, efficient.learner.warmup) == (5, 5.0, 500)
