"""Flow matching: the straight path, its loss, and Euler sampling.

Time runs from noise to data: x_t = (1 - t) x_0 + t a, target velocity a - x_0, x_0 ~ N(0, I).
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.mlp import mlp

Velocity = Callable[[Tensor, Tensor, Tensor], Tensor]  # v(x_t (B, H, A), t (B,), e (B, E)) -> (B, H, A)


def point_on_path(x_0: Tensor, a: Tensor, t: Tensor) -> Tensor:
    """Returns x_t = (1 - t) x_0 + t a, for x_0 and a (B, H, A) and t (B,)."""
    t = t[:, None, None]
    return (1 - t) * x_0 + t * a


def flow_loss(v: Velocity, a: Tensor, e: Tensor, x_0: Tensor, t: Tensor) -> Tensor:
    """Returns || v(x_t, t, e) - (a - x_0) ||^2, averaged over batch and dimensions. Shapes as in `Velocity`."""
    return (v(point_on_path(x_0, a, t), t, e) - (a - x_0)).square().mean()


def euler(v: Velocity, x_0: Tensor, e: Tensor, steps: int) -> Tensor:
    """Integrates dx = v dt from noise x_0 (B, H, A) at t = 0 to an action chunk at t = 1."""
    x, dt = x_0, 1.0 / steps
    for k in range(steps):
        t = torch.full((len(x),), k * dt, dtype=x.dtype, device=x.device)
        x = x + dt * v(x, t, e)
    return x


def time_features(t: Tensor, size: int) -> Tensor:
    """Returns (B, size): sines and cosines of t (B,) in [0, 1], wavelengths from 2 pi down to 2 pi / 100."""
    frequency = torch.exp(torch.linspace(0.0, math.log(100.0), size // 2, device=t.device))
    angle = t[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


class VelocityField(nn.Module):
    """The velocity v(x_t, t, e) as an MLP, which is sufficient for state observations."""

    def __init__(self, horizon: int, action: int, embedding_dim: int, hidden: int = 256, time_size: int = 32):
        super().__init__()
        self.shape = (horizon, action)
        self.time_size = time_size
        self.net = mlp(horizon * action + time_size + embedding_dim, horizon * action, hidden)

    def forward(self, x_t: Tensor, t: Tensor, e: Tensor) -> Tensor:
        """Maps x_t (B, H, A), t (B,), e (B, E) to a velocity (B, H, A)."""
        flat = torch.cat([x_t.flatten(1), time_features(t, self.time_size), e], dim=-1)
        out: Tensor = self.net(flat)
        return out.unflatten(-1, self.shape)

    # The same velocity in parts: those that depend on e and t alone are computed once a chunk, or once and for all.

    def condition(self, e: Tensor) -> Tensor:
        """Returns the embedding's share of the first layer, (B, hidden)."""
        _, _, weight = self._first_weights()
        return F.linear(e, weight, self._first.bias)

    def at_time(self, t: Tensor) -> Tensor:
        """Returns the time's share of the first layer, (B, hidden)."""
        _, weight, _ = self._first_weights()
        return F.linear(time_features(t, self.time_size), weight)

    def step(self, x_t: Tensor, film: Tensor) -> Tensor:
        """Maps x_t (B, H, A) and the sum of `condition` and `at_time` (B, hidden) to a velocity (B, H, A)."""
        weight, _, _ = self._first_weights()
        out: Tensor = self.net[1:](F.linear(x_t.flatten(1), weight) + film)
        return out.unflatten(-1, self.shape)

    @property
    def _first(self) -> nn.Linear:
        first = self.net[0]
        assert isinstance(first, nn.Linear)
        return first

    def _first_weights(self) -> tuple[Tensor, ...]:
        weight = self._first.weight
        x, time = self.shape[0] * self.shape[1], self.time_size
        return weight.split([x, time, weight.shape[1] - x - time], dim=1)
