"""A policy plays an actor as it was trained, whatever the parameters say."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.checkpoints.origin import OriginError, read_origin
from zprl.checkpoints.rotation import save_next
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import FinetuneConfig, LearnerConfig, SacConfig, Steer, SteeringConfig
from zprl.training.finetune import make_learner
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation
from zprl_policy.settings import PolicySettings
from zprl_policy.start_steering import start_steering

CONFIG = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)
LEARNER = LearnerConfig(SacConfig(critics=2, hidden=8, batch=4), warmup=5, capacity=100)


def settings(folder: Path, steering: SteeringConfig, mode: str = "evaluate", seed: int = 0) -> PolicySettings:
    """A base and an actor that was trained with `steering`, for a policy whose parameters say latent."""
    torch.manual_seed(seed)
    base = BasePolicy(CONFIG)
    save_base(folder / "base", base)
    learner = make_learner(base, FinetuneConfig(LEARNER, steering), 0)
    origin = read_origin(folder / "base", steering=steering)
    save_next(folder / "actor", lambda path: save_learner(path, learner, 1, origin))
    return PolicySettings(base=str(folder / "base"), actor=str(folder / "actor"), mode=mode)


@pytest.mark.parametrize("steer", [Steer.LATENT, Steer.ACTION, Steer.NOISE])
def test_an_actor_is_played_as_it_was_trained(tmp_path: Path, steer: Steer) -> None:
    trained = SteeringConfig(steer, latent_ratio=0.7, action_scale=0.4, noise_range=1.1)
    assert start_steering(settings(tmp_path, trained), CONFIG) == trained


def test_without_an_actor_the_parameters_count(tmp_path: Path) -> None:
    chosen = SteeringConfig(Steer.NOISE)
    assert start_steering(replace(settings(tmp_path, chosen), actor="", steering=chosen), CONFIG) == chosen


def test_an_actor_that_is_finetuned_further_is_steered_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"was trained with steering action, .*set steering\.steer to action"):
        start_steering(settings(tmp_path, SteeringConfig(Steer.ACTION), "finetune"), CONFIG)


def test_an_actor_of_another_base_is_refused_with_both(tmp_path: Path) -> None:
    one = settings(tmp_path / "one", SteeringConfig(Steer.ACTION))
    two = settings(tmp_path / "two", SteeringConfig(Steer.ACTION), seed=1)
    with pytest.raises(OriginError, match="another base: give that base") as refused:
        start_steering(replace(one, actor=two.actor), CONFIG)
    assert str(tmp_path / "one") in str(refused.value) and str(tmp_path / "two") in str(refused.value)
