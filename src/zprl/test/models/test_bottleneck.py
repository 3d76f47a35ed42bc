"""The KL term and the reparameterised sample, by hand."""

import math

import pytest
import torch

from zprl.models.bottleneck import Bottleneck, kl_to_standard_normal, reconstruction, sample_latent


def test_kl_is_a_mean_over_batch_and_dimensions() -> None:
    # dimension 1: 1/2 (4 + 1 - 1 - 0) = 2; dimension 2: 1/2 (0 + e - 1 - 1); their mean
    mu, logvar = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    assert kl_to_standard_normal(mu, logvar).item() == pytest.approx((2.0 + (math.e - 2.0) / 2) / 2)


def test_standard_normal_costs_nothing() -> None:
    assert kl_to_standard_normal(torch.zeros(3, 2), torch.zeros(3, 2)).item() == 0.0


def test_sample_uses_half_the_log_variance() -> None:
    # logvar = log 9 is a deviation of 3: 1 + 3 * 2 = 7
    z = sample_latent(torch.tensor([[1.0]]), torch.tensor([[math.log(9.0)]]), torch.tensor([[2.0]]))
    assert z.item() == pytest.approx(7.0)


def test_reconstruction_does_not_move_the_embedding() -> None:
    e = torch.zeros(1, 2, requires_grad=True)
    e_hat = torch.full((1, 2), 3.0, requires_grad=True)
    loss = reconstruction(e_hat, e)
    loss.backward()
    assert loss.item() == 9.0 and e.grad is None and e_hat.grad is not None


def test_shapes() -> None:
    b = Bottleneck(embedding_dim=5, latent_dim=2)
    mu, logvar = b.encode(torch.zeros(4, 5))
    assert mu.shape == logvar.shape == (4, 2) and b.decode(mu).shape == (4, 5)
