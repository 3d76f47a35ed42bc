"""The noise with which an actor was trained is read from its checkpoint, or from the config of its run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compared import finetuned_run
from zprl.checkpoints.actor_noise import actor_noise
from zprl.rl.config import FlowNoise, NoiseConfig
from zprl_bringup.graph.preset import Preset

ZERO = NoiseConfig(FlowNoise.ZERO)


@pytest.mark.parametrize("place", ["actor", "actor/000001"])
@pytest.mark.parametrize("preset", [Preset.EFFICIENT, Preset.CPU])
def test_it_is_what_the_checkpoint_says(tmp_path: Path, preset: Preset, place: str) -> None:
    finetuned_run(tmp_path / "run", preset=preset)
    (tmp_path / "run" / "config.json").unlink()
    assert actor_noise(tmp_path / "run" / place) == preset.config.flow_noise


def test_before_there_is_an_actor_the_run_says_it(tmp_path: Path) -> None:
    run = finetuned_run(tmp_path / "run")
    assert actor_noise(tmp_path / "run" / "not_yet") == ZERO == replace(actor_noise(run.actor), seed=0)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"noise": "fixed", "noise_seed": 7}, NoiseConfig(FlowNoise.FIXED, 7)),
        ({"noise": "zero", "noise_seed": None}, ZERO),
        ({"steer": "latent"}, NoiseConfig()),
        ({"noise": "loud"}, NoiseConfig()),
    ],
)
def test_of_an_earlier_version_it_is_a_setting_of_the_run(
    tmp_path: Path, settings: dict[str, object], found: NoiseConfig
) -> None:
    (tmp_path / "actor").mkdir()
    (tmp_path / "config.json").write_text(json.dumps({"settings": settings, "numbers": {}}))
    assert actor_noise(tmp_path / "actor") == found


def test_outside_a_run_it_was_sampled(tmp_path: Path) -> None:
    assert actor_noise(tmp_path / "actor") == NoiseConfig()
