"""The U-Net's shapes, and that its parts add up to the whole."""

import pytest
import torch
from torch import Tensor

from zprl.models.flow import VelocityField, euler
from zprl.models.unet import Unet
from zprl.models.unet_config import UnetConfig

SMALL = UnetConfig((8, 16, 24), groups=4, time_size=8)


def networks() -> list[Unet | VelocityField]:
    torch.manual_seed(0)
    return [Unet(8, 5, 3, SMALL), VelocityField(8, 5, 3, hidden=16)]


@pytest.mark.parametrize("v", networks(), ids=["unet", "mlp"])
def test_the_parts_add_up(v: Unet | VelocityField) -> None:
    x, t, e = torch.randn(4, 8, 5), torch.rand(4), torch.randn(4, 3)
    whole = v(x, t, e)
    assert whole.shape == (4, 8, 5)
    torch.testing.assert_close(v.step(x, v.condition(e) + v.at_time(t)), whole, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("v", networks(), ids=["unet", "mlp"])
def test_a_chunk_is_the_same_with_the_embedding_and_the_times_computed_before(v: Unet | VelocityField) -> None:
    x_0, e, steps = torch.randn(1, 8, 5), torch.randn(1, 3), 5
    times, condition = v.at_time(torch.arange(steps) / steps), v.condition(e)
    x = x_0
    for time in times:
        x = x + v.step(x, condition + time) / steps
    torch.testing.assert_close(x, euler(v, x_0, e, steps), atol=1e-5, rtol=1e-5)


def test_e_and_t_both_matter_in_every_part() -> None:
    v = networks()[0]
    x, t, e = torch.randn(1, 8, 5), torch.tensor([0.3]), torch.randn(1, 3)

    def moved(t: Tensor, e: Tensor) -> float:
        return float((v(x, t, e) - v(x, torch.tensor([0.3]), e_0)).abs().max())

    e_0 = e
    assert moved(torch.tensor([0.9]), e) > 1e-4 and moved(t, e + 1.0) > 1e-4


def test_a_horizon_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a horizon divisible by 4"):
        Unet(6, 5, 3, SMALL)
