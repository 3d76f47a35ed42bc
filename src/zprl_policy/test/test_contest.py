"""Two policies play by turns in a blind comparison."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.rotation import save_next
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.blind_order import plays_b
from zprl.rl.config import BlindConfig, FinetuneConfig, LearnerConfig, Mode, SacConfig, SteeringConfig
from zprl.training.finetune import make_learner
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation
from zprl_policy.loaded_policy import LoadedPolicy
from zprl_policy.settings import PolicySettings

CONFIG = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)
LEARNER = LearnerConfig(SacConfig(critics=2, hidden=8, batch=4), warmup=5, capacity=100)


def actor(folder: Path, base: BasePolicy, version: int, steering: SteeringConfig = SteeringConfig()) -> str:  # noqa: B008
    learner = make_learner(base, FinetuneConfig(LEARNER, steering), version)
    origin, path = read_origin(folder / "base", steering=steering), folder / f"actor{version}"
    save_next(path, lambda new: save_learner(new, learner, version, origin))
    return str(path)


@pytest.fixture
def settings(tmp_path: Path) -> PolicySettings:
    """A base and its actor, version 3."""
    torch.manual_seed(0)
    base = BasePolicy(CONFIG)
    save_base(tmp_path / "base", base)
    given = PolicySettings(base=str(tmp_path / "base"), actor=actor(tmp_path, base, 3), mode="evaluate")
    actor(tmp_path, base, 4)
    actor(tmp_path, base, 5, SteeringConfig(latent_ratio=0.7))
    return given


def test_base_and_actor_play_in_the_order_of_the_seed(settings: PolicySettings) -> None:
    loaded = LoadedPolicy(replace(settings, blind=BlindConfig(9)))
    policy = loaded.policy(0)
    contest = loaded.contest(policy)
    assert contest is not None
    for episode in range(20):
        contest.start(episode)
        assert policy.mode == (Mode.EVALUATE if plays_b(9, episode) else Mode.BASE)


def test_two_actors_play_in_the_order_of_the_seed(settings: PolicySettings, tmp_path: Path) -> None:
    loaded = LoadedPolicy(replace(settings, blind=BlindConfig(9, str(tmp_path / "actor4"))))
    policy = loaded.policy(0)
    contest = loaded.contest(policy)
    assert contest is not None
    for episode in range(20):
        contest.start(episode)
        assert policy.mode == Mode.EVALUATE
        assert policy.actor_version == (3 if plays_b(9, episode) else 4)


def test_without_a_seed_one_policy_plays_alone(settings: PolicySettings) -> None:
    loaded = LoadedPolicy(settings)
    assert loaded.contest(loaded.policy(0)) is None


def test_actors_that_steer_otherwise_are_refused(settings: PolicySettings, tmp_path: Path) -> None:
    loaded = LoadedPolicy(replace(settings, blind=BlindConfig(9, str(tmp_path / "actor5"))))
    with pytest.raises(CheckpointError, match="compare actors of one steering"):
        loaded.contest(loaded.policy(0))


def test_a_comparison_needs_an_actor_and_its_mode(settings: PolicySettings) -> None:
    for wrong in ({"actor": ""}, {"mode": "base"}):
        with pytest.raises(ValueError, match="needs mode evaluate and actor"):
            replace(settings, blind=BlindConfig(0), **wrong)
