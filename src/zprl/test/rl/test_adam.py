"""Adam is that of torch, with its clipping."""

import pytest
import torch

from zprl.rl.adam import Adam


@pytest.mark.parametrize("clip", [0.5, 1e9])
def test_it_makes_the_steps_of_torchs_adam(clip: float) -> None:
    rng = torch.Generator().manual_seed(0)
    start = [torch.randn(shape, generator=rng) for shape in ((3, 4), (4,), ())]
    mine, theirs = [x.clone() for x in start], [x.clone().requires_grad_() for x in start]
    adam, reference = Adam(mine, 1e-2), torch.optim.Adam(theirs, 1e-2)
    for _ in range(20):
        gradients = [torch.randn(x.shape, generator=rng) for x in start]
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_(theirs, clip)
        reference.step()
        adam.step(gradients, adam.corrections(), clip)
    for a, b, before in zip(mine, theirs, start, strict=True):
        assert torch.allclose(a, b, atol=1e-6) and not torch.allclose(a, before, atol=1e-2)
    assert adam.steps == 20
