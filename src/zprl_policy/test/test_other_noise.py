"""The policy says that an actor plays with another noise than it was trained with."""

from pathlib import Path

import pytest

from compared import finetuned_run
from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import FlowNoise, NoiseConfig
from zprl_policy.other_noise import other_noise
from zprl_policy.settings import PolicySettings


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return finetuned_run(tmp_path / "run")


def test_another_noise_is_named_with_the_remedy(run: RunFolder) -> None:
    settings = PolicySettings(actor=str(run.actor), flow_noise=NoiseConfig(FlowNoise.FIXED, 7))
    said = (
        "trained with flow noise zero and plays with fixed7; to play it as it was trained, set flow_noise.kind to zero"
    )
    assert other_noise(settings).endswith(said)


@pytest.mark.parametrize("seed", [0, 5])
def test_its_own_noise_is_not_mentioned(run: RunFolder, seed: int) -> None:
    settings = PolicySettings(actor=str(run.actor), flow_noise=NoiseConfig(FlowNoise.ZERO, seed))
    assert other_noise(settings) == ""


def test_without_an_actor_there_is_nothing_to_say() -> None:
    assert other_noise(PolicySettings(flow_noise=NoiseConfig())) == ""
