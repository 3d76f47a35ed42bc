"""The pilot: when it decides, what it steers, and what it reports."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.models.observation_batch import batch_of
from zprl.models.vision_config import VisionConfig, VisionNetwork
from zprl.rl.config import ExplorationConfig, Mode, Steer, SteeringConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl_core.observation import Observation, Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation


def base_policy() -> BasePolicy:
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=3, horizon=4, n_action_steps=2, hidden=16))
    freeze(base)
    return base


def seen(stamp: int, x: float = 0.5) -> Observation:
    return Observation.of_arm(stamp, Pose((x, 0.0, 0.2), 0.1), 0.08, {"cube": Pose((0.5, 0.1, 0.02), 0.0)})


def policy(mode: Mode, steer: Steer = Steer.LATENT, **exploration: float) -> ResidualPolicy:
    base = base_policy()
    steering = make_steering(base, SteeringConfig(steer))
    return ResidualPolicy(base, steering, mode, ExplorationConfig(**exploration), seed=1)  # type: ignore[arg-type]


def fly(p: ResidualPolicy, steps: int) -> np.ndarray:
    p.start(0)
    return np.array([p.act(seen(10 * (k + 1))) for k in range(steps)])


def embedded(mode: Mode, random_crops: bool) -> np.ndarray:
    """The embeddings (4, E) that are stored of four chunks that see the same image."""
    camera = StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, (48, 48, 3))
    spec = ObservationSpec((*arm_observation(()).streams, camera))
    vision = VisionConfig(VisionNetwork.SMALL, 8, (48, 48), (36, 36))
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(spec, 3, 4, 1, hidden=16, vision=vision))
    freeze(base)
    exploration = ExplorationConfig(random_crops=random_crops)
    p = ResidualPolicy(base, make_steering(base, SteeringConfig()), mode, exploration, seed=1)
    image = np.random.default_rng(0).integers(0, 256, camera.shape, np.uint8)
    p.start(0)
    for stamp in range(10, 70, 10):
        arm = Observation.of_arm(stamp, Pose((0.5, 0.0, 0.2), 0.1), 0.08, {})
        p.act(replace(arm, samples={**arm.samples, "front": image}, stamps={**arm.stamps, "front": stamp}))
    return np.array([t.state.e for t in p.take()])


def test_images_are_cropped_at_random_only_while_exploring() -> None:
    centered = embedded(Mode.FINETUNE, False)
    assert len(centered) == 4 and np.ptp(centered, axis=0).max() == 0.0
    assert np.array_equal(embedded(Mode.EVALUATE, True), embedded(Mode.EVALUATE, False))
    drawn = embedded(Mode.FINETUNE, True)
    assert np.array_equal(drawn[:, :6], centered[:, :6]) and len(np.unique(drawn[:, 6], axis=0)) == 4


def test_one_decision_per_chunk() -> None:
    p = policy(Mode.BASE)
    fly(p, 5)
    assert p.chunks == 3


def test_base_mode_is_the_frozen_policy_whatever_the_actor_says() -> None:
    plain, with_actor = policy(Mode.BASE), policy(Mode.BASE)
    with_actor.load(Actor(ActorShape(14, 3)), 5)
    assert np.array_equal(fly(plain, 4), fly(with_actor, 4))


@pytest.mark.parametrize("steer", [Steer.LATENT, Steer.ACTION, Steer.NOISE])
def test_without_u_every_steering_plays_a_chunk_in_bounds(steer: Steer) -> None:
    p = policy(Mode.FINETUNE, steer, random_fraction=1.0)
    actions = fly(p, 6)
    assert actions.shape == (6, 5) and np.abs(actions).max() <= 1.0


def test_sizes_of_what_is_steered() -> None:
    base = base_policy()
    sizes = {s: make_steering(base, SteeringConfig(s)).size for s in Steer}
    assert sizes == {Steer.LATENT: 3, Steer.ACTION: 10, Steer.NOISE: 20}


def test_lambda_is_in_units_of_the_latent() -> None:
    base = base_policy()
    base.z_rms.fill_(2.0)
    assert make_steering(base, SteeringConfig(latent_ratio=0.1)).scale == pytest.approx(0.2)
    assert make_steering(base, SteeringConfig(latent_scale=0.325)).scale == 0.325


def test_what_is_stored_is_what_steered() -> None:
    p = policy(Mode.FINETUNE, random_fraction=1.0)
    fly(p, 4)
    p.finish(seen(50, x=0.6), 1.0, terminated=True, truncated=False)
    first, last = p.take()
    assert np.abs(first.u).max() > 0 and np.array_equal(first.u, last.u)  # one push for the whole episode
    assert np.array_equal(first.next_state.z, last.state.z)  # z is sampled once per chunk and stored
    assert last.terminated and last.reward == pytest.approx(0.99) and p.take() == []


def test_after_the_warm_up_the_actor_decides() -> None:
    p = policy(Mode.FINETUNE, random_fraction=1.0)
    p.load(Actor(ActorShape(14, 3)), 1)
    fly(p, 2)
    p.finish(seen(30), 0.0, terminated=False, truncated=True)
    (only,) = p.take()
    assert 0 < np.abs(only.u).max() < 0.3 and only.actor_version == 1


def test_what_was_played_to_be_learned_from_stays_so_when_the_mode_changes() -> None:
    """A transition is certain only later: by then a person may have returned to the base."""
    p = policy(Mode.FINETUNE)
    fly(p, 2)
    p.mode = Mode.BASE
    for k in (3, 4):
        p.act(seen(10 * k))
    p.finish(seen(50), 0.0, terminated=False, truncated=True)
    assert [t.learn for t in p.take()] == [True, False]


def test_an_observation_that_is_not_finite_changes_nothing() -> None:
    p = policy(Mode.BASE)
    fly(p, 2)
    with pytest.raises(ValueError, match="not finite"):
        p.act(seen(30, x=float("nan")))
    assert p.chunks == 1
    p.act(seen(30))


def test_evaluation_is_deterministic_in_z_and_u() -> None:
    p = policy(Mode.EVALUATE)
    p.load(Actor(ActorShape(14, 3)), 1)
    fly(p, 2)
    p.finish(seen(30), 0.0, terminated=False, truncated=True)
    (only,) = p.take()
    assert np.array_equal(only.state.z, only.state.mu)


@pytest.mark.parametrize(("x", "reward"), [(float("nan"), 1.0), (1e300, 1.0), (0.5, float("nan"))])
def test_an_end_that_is_not_finite_is_forgotten(x: float, reward: float) -> None:
    p = policy(Mode.FINETUNE)
    fly(p, 5)
    p.take()
    p.finish(seen(60, x), reward, True, False)
    assert p.take() == [] and p.at_boundary


@pytest.mark.parametrize("mode", [Mode.BASE, Mode.EVALUATE])
@pytest.mark.parametrize("steer", list(Steer))
def test_without_an_actor_the_frozen_base_is_played_whatever_is_steered(mode: Mode, steer: Steer) -> None:
    p, base, rng = policy(mode, steer), base_policy(), torch.Generator().manual_seed(1)
    batch = batch_of(base.config.observation, [seen(10)])
    expected = base.chunk(base.embed(batch).mu, base.noise(1, rng))[0, :2].numpy()
    assert fly(p, 2) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("steer", list(Steer))
def test_a_policy_returned_to_the_base_plays_it_from_the_next_chunk_on(steer: Steer) -> None:
    """The service policy/return_to_base sets the mode."""
    steered, base = policy(Mode.EVALUATE, steer), policy(Mode.BASE, steer)
    steered.load(Actor(ActorShape(14, steered.steering.size)), 1)
    fly(steered, 2), fly(base, 2)
    steered.mode = Mode.BASE
    assert np.array_equal(steered.act(seen(30)), base.act(seen(30)))


def test_noise_steering_warms_up_with_the_noise_of_the_base_within_its_range() -> None:
    p = policy(Mode.FINETUNE, Steer.NOISE, random_fraction=0.0)
    fly(p, 4)
    p.finish(seen(50), 0.0, terminated=False, truncated=True)
    first, second = (t.u for t in p.take())
    assert 0.2 < np.abs(first).mean() < 0.9 and not np.array_equal(first, second)


@pytest.mark.parametrize("steer", [Steer.LATENT, Steer.ACTION])
def test_the_warm_up_of_the_other_steerings_has_u_0(steer: Steer) -> None:
    p = policy(Mode.FINETUNE, steer, random_fraction=0.0)
    fly(p, 2)
    p.finish(seen(30), 0.0, terminated=False, truncated=True)
    (only,) = p.take()
    assert not only.u.any()


@pytest.mark.parametrize("steer", [Steer.LATENT, Steer.ACTION, Steer.NOISE])
def test_the_bases_chunk_is_what_it_plays_alone(steer: Steer) -> None:
    """The chunk that the base would play is that of mode base, from the same latent and noise."""
    alone = policy(Mode.BASE, steer)
    assert alone.base_chunk().shape == (0, 5) and alone.chunk.shape == (0, 5)
    alone.start(0)
    alone.act(seen(10))
    assert np.allclose(alone.base_chunk(), alone.chunk) and alone.chunk.shape == (2, 5)
    exploring = policy(Mode.FINETUNE, steer, random_fraction=1.0, reach=1.0)
    exploring.start(0)
    exploring.act(seen(10))
    assert not np.allclose(exploring.base_chunk(), exploring.chunk)


def test_to_look_at_the_bases_chunk_changes_nothing() -> None:
    watched, other = policy(Mode.FINETUNE), policy(Mode.FINETUNE)
    for p in (watched, other):
        p.start(0)
    for k in range(8):
        assert np.array_equal(watched.act(seen(10 * (k + 1))), other.act(seen(10 * (k + 1))))
        watched.base_chunk()
