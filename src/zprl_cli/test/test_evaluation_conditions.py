"""A result is used again only if it was measured as asked for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import FlowNoise, Steer
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.evaluation_conditions import conditions, is_current, is_own, played_base
from zprl_core.seeds import HELD_OUT

OPTIONS = RunOptions()
SAMPLED = replace(OPTIONS, noise=FlowNoise.SAMPLED)


def result(options: RunOptions = OPTIONS, name: str = "base", env_steps: int = 0) -> dict[str, Any]:
    measured = {"successes": 3, "episodes": options.eval_episodes, "first_seed": HELD_OUT}
    return {**measured, **conditions(name, options, env_steps)}


def test_a_result_of_the_same_conditions_is_current() -> None:
    assert is_current(result(), "base", OPTIONS, 7)
    assert is_current(result(name="finetuned", env_steps=7), "finetuned", OPTIONS, 7)


@pytest.mark.parametrize("options", [replace(OPTIONS, eval_episodes=10), SAMPLED], ids=["episodes", "noise"])
def test_a_result_of_other_episodes_or_noise_is_measured_again(options: RunOptions) -> None:
    assert not is_current(result(), "base", options, 0)
    assert not is_current(result(options), "base", OPTIONS, 0)


def test_a_finetuned_result_before_further_training_is_measured_again() -> None:
    assert not is_current(result(name="finetuned", env_steps=7), "finetuned", OPTIONS, 8)


@pytest.mark.parametrize(("steer", "kept"), [(Steer.LATENT, True), (Steer.ACTION, True), (Steer.NOISE, False)])
def test_the_base_result_of_an_earlier_version_with_steer_noise_is_measured_again(steer: Steer, kept: bool) -> None:
    """It was that of zero noise."""
    earlier = {"successes": 3, "episodes": 200, "first_seed": HELD_OUT}
    assert is_current(earlier, "base", replace(SAMPLED, steer=steer), 0) is kept
    assert played_base(earlier, steer.value) is kept
    assert is_current(earlier, "finetuned", replace(SAMPLED, steer=steer), 9)


def test_only_a_result_of_the_runs_own_conditions_is_its_own(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.open(OPTIONS.saved, OPTIONS.numbers)
    assert is_own(result(), run)
    assert not is_own(result(SAMPLED), run)
    assert not is_own(result(replace(OPTIONS, eval_episodes=20)), run)
    assert not is_own({**result(), "first_seed": HELD_OUT + 200}, run)


def test_the_usual_result_of_a_base_of_recorded_demonstrations_is_its_own(tmp_path: Path) -> None:
    """It has no settings of finetuning."""
    run = RunFolder(tmp_path)
    run.open({"demonstrations": "bags"}, {})
    assert is_own(result(), run) and not is_own(result(SAMPLED), run)
