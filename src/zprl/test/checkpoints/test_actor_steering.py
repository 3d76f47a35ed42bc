"""What an actor steers is read from its checkpoint."""

import json
from pathlib import Path

import pytest

from zprl.checkpoints.actor_steering import actor_steering
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.checkpoints.origin import Origin
from zprl.checkpoints.rotation import save_next
from zprl.models.config import BaseConfig
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig, Steer, SteeringConfig
from zprl.rl.learner import Learner
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation

BASE = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)  # 5 numbers a step
SIZES = {Steer.LATENT: 2, Steer.ACTION: 10, Steer.NOISE: 20}


def save(folder: Path, residual_dim: int, origin: Origin | None = None) -> None:
    config = LearnerConfig(SacConfig(critics=2, hidden=8, batch=4), warmup=5, capacity=100)
    learner = Learner(ProblemSize(14, 2, residual_dim, 0.75, 10), config, 0)
    save_next(folder, lambda path: save_learner(path, learner, 1, origin))


@pytest.mark.parametrize("place", ["actor", "actor/000001"])
@pytest.mark.parametrize("steer", SIZES)
def test_it_is_what_the_checkpoint_says(tmp_path: Path, steer: Steer, place: str) -> None:
    chosen = SteeringConfig(steer, latent_ratio=0.7, action_scale=0.4, noise_range=1.1)
    save(tmp_path / "actor", SIZES[steer], Origin(BASE.observation, BASE.action, "a" * 64, steering=chosen))
    assert actor_steering(tmp_path / place, BASE) == chosen


EARLIER = {
    Steer.LATENT: SteeringConfig(Steer.LATENT, latent_scale=0.75),
    Steer.ACTION: SteeringConfig(Steer.ACTION, action_scale=0.75),
    Steer.NOISE: SteeringConfig(Steer.NOISE, noise_range=0.75),
}


@pytest.mark.parametrize("steer", SIZES)
def test_of_an_earlier_version_it_follows_from_the_size(tmp_path: Path, steer: Steer) -> None:
    save(tmp_path / "actor", SIZES[steer])
    assert actor_steering(tmp_path / "actor", BASE) == EARLIER[steer]


@pytest.mark.parametrize("steer", [Steer.LATENT, Steer.ACTION])
def test_of_an_earlier_version_with_two_equal_sizes_the_run_says_it(tmp_path: Path, steer: Steer) -> None:
    base = BaseConfig(BASE.observation, latent_dim=10, horizon=4, n_action_steps=2, hidden=8)
    save(tmp_path / "actor", 10)
    with pytest.raises(CheckpointError, match="residual of 10 numbers, this base needs latent 10, action 10, noise 20"):
        actor_steering(tmp_path / "actor", base)
    (tmp_path / "config.json").write_text(json.dumps({"settings": {"steer": steer.value}}))
    assert actor_steering(tmp_path / "actor" / "000001", base) == EARLIER[steer]


def test_an_actor_that_fits_no_steering_of_this_base_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "actor", 3)
    with pytest.raises(CheckpointError, match=r"residual of 3 numbers.*give the actor/ folder within its run, and the"):
        actor_steering(tmp_path / "actor", BASE)


def test_a_folder_without_an_actor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        actor_steering(tmp_path, BASE)
