"""Numbers worked out by hand for the path, its loss and Euler's method."""

import torch

from zprl.models.flow import VelocityField, euler, flow_loss, point_on_path


def test_path_runs_from_noise_to_data() -> None:
    x_0, a = torch.zeros(3, 1, 1), torch.full((3, 1, 1), 8.0)
    x = point_on_path(x_0, a, torch.tensor([0.0, 0.25, 1.0]))
    assert x.flatten().tolist() == [0.0, 2.0, 8.0]


def test_loss_compares_with_the_straight_velocity() -> None:
    # a - x_0 = 3 - 1 = 2; a velocity of 0 costs 4, the right velocity costs 0
    x_0, a, e, t = torch.ones(1, 2, 1), torch.full((1, 2, 1), 3.0), torch.zeros(1, 1), torch.tensor([0.5])
    assert flow_loss(lambda x, t, e: torch.zeros_like(x), a, e, x_0, t).item() == 4.0
    assert flow_loss(lambda x, t, e: torch.full_like(x, 2.0), a, e, x_0, t).item() == 0.0


def test_euler_of_two_steps_by_hand() -> None:
    # v = t, steps at t = 0 and t = 1/2: x = 1 + 1/2 * 0 + 1/2 * 1/2 = 1.25
    x = euler(lambda x, t, e: t[:, None, None].expand_as(x), torch.ones(1, 1, 1), torch.zeros(1, 1), steps=2)
    assert x.item() == 1.25


def test_velocity_field_keeps_the_chunk_shape() -> None:
    v = VelocityField(horizon=8, action=5, embedding_dim=3)
    assert v(torch.zeros(2, 8, 5), torch.zeros(2), torch.zeros(2, 3)).shape == (2, 8, 5)
