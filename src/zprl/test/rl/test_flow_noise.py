"""The noise at which the flow starts, in each of its kinds."""

import pytest
import torch

from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.config import FlowNoise, NoiseConfig
from zprl.rl.flow_noise import NoiseSource
from zprl_core.observation_spec import arm_observation


def base_policy() -> BasePolicy:
    return BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=3, horizon=4, n_action_steps=2, hidden=16))


def drawn(config: NoiseConfig, seed: int, times: int = 2) -> list[torch.Tensor]:
    source, rng = NoiseSource(base_policy(), config), torch.Generator().manual_seed(seed)
    return [source.draw(rng) for _ in range(times)]


def test_sampled_noise_is_the_bases_own_and_new_for_each_chunk() -> None:
    first, second = drawn(NoiseConfig(), 1)
    assert torch.equal(first, base_policy().noise(1, torch.Generator().manual_seed(1)))
    assert not torch.equal(first, second)


def test_zero_noise_is_zero() -> None:
    assert all(x.shape == (1, 4, 5) and not x.any() for x in drawn(NoiseConfig(FlowNoise.ZERO), 1))


def test_fixed_noise_depends_on_its_own_seed_only() -> None:
    first, second = drawn(NoiseConfig(FlowNoise.FIXED, 3), 1)
    assert torch.equal(first, second) and first.any()
    assert torch.equal(first, drawn(NoiseConfig(FlowNoise.FIXED, 3), 2)[0])
    assert not torch.equal(first, drawn(NoiseConfig(FlowNoise.FIXED, 4), 1)[0])


@pytest.mark.parametrize("kind", list(FlowNoise))
def test_every_kind_advances_the_generator_equally(kind: FlowNoise) -> None:
    rng, plain = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    NoiseSource(base_policy(), NoiseConfig(kind)).draw(rng)
    base_policy().noise(1, plain)
    assert torch.equal(torch.rand(1, generator=rng), torch.rand(1, generator=plain))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"flow_noise\.seed"):
        NoiseConfig(FlowNoise.FIXED, -1)
