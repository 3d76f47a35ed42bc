"""The flow's velocity as a conditional 1-D U-Net over the control steps of the chunk (Chi et al. 2023, with SiLU).

All FiLM layers are one linear layer of the activated time and embedding. Their shares add up, so at run time the
embedding's share is computed once a chunk and the time's once and for all.
"""

import itertools
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zprl.models.flow import time_features
from zprl.models.unet_config import UnetConfig


class Unet(nn.Module):
    """The velocity v(x_t, t, e)."""

    def __init__(self, horizon: int, action: int, embedding_dim: int, config: UnetConfig):
        super().__init__()
        config.check_horizon(horizon)
        self.shape, self.config = (horizon, action), config
        self.time = nn.Sequential(
            nn.Linear(config.time_size, 4 * config.time_size), nn.SiLU(),
            nn.Linear(4 * config.time_size, config.time_size),
        )  # fmt: skip
        widths = (action, *config.channels)
        last = config.channels[-1]
        self.down = nn.ModuleList(_two_blocks(a, b, config) for a, b in itertools.pairwise(widths))
        self.shrink = nn.ModuleList(nn.Conv1d(n, n, 3, 2, 1) for n in config.channels[:-1])
        self.middle = _two_blocks(last, last, config)
        upward = list(itertools.pairwise(reversed(config.channels)))
        self.up = nn.ModuleList(_two_blocks(2 * a, b, config) for a, b in upward)
        self.grow = nn.ModuleList(nn.ConvTranspose1d(b, b, 4, 2, 1) for _, b in upward)
        first = config.channels[0]
        self.last = nn.Sequential(ConvBlock(first, first, config), nn.Conv1d(first, action, 1))
        blocks = [block for pair in (*self.down, self.middle, *self.up) for block in pair]
        self.sizes = [2 * block.outputs for block in blocks]
        self.film_e = nn.Linear(embedding_dim, sum(self.sizes))
        self.film_t = nn.Linear(config.time_size, sum(self.sizes), bias=False)

    def forward(self, x_t: Tensor, t: Tensor, e: Tensor) -> Tensor:
        """Maps x_t (B, H, A), t (B,), e (B, E) to a velocity (B, H, A)."""
        return self.step(x_t, self.condition(e) + self.at_time(t))

    def condition(self, e: Tensor) -> Tensor:
        """Returns the embedding's share of all FiLM layers, (B, C)."""
        out: Tensor = self.film_e(F.silu(e))
        return out

    def at_time(self, t: Tensor) -> Tensor:
        """Returns the time's share of all FiLM layers, (B, C)."""
        out: Tensor = self.film_t(F.silu(self.time(time_features(t, self.config.time_size))))
        return out

    def step(self, x_t: Tensor, film: Tensor) -> Tensor:
        """Maps x_t (B, H, A) and FiLM (B, C) to a velocity (B, H, A)."""
        films = iter(film.split(self.sizes, dim=-1))
        x = x_t.transpose(1, 2)
        kept = []
        for k, pair in enumerate(self.down):
            x = _through(pair, x, films)
            if k < len(self.shrink):
                kept.append(x)
                x = self.shrink[k](x)
        kept.append(x)
        x = _through(self.middle, x, films)
        for pair, grow in zip(self.up, self.grow, strict=True):
            x = grow(_through(pair, torch.cat([x, kept.pop()], dim=1), films))
        out: Tensor = self.last(x)
        return out.transpose(1, 2)


class ConvBlock(nn.Module):
    """Convolution, GroupNorm, SiLU."""

    def __init__(self, inputs: int, outputs: int, config: UnetConfig):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, config.kernel, padding=config.kernel // 2)
        self.norm = nn.GroupNorm(config.groups, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.norm(self.conv(x)))


class FilmBlock(nn.Module):
    """A residual block of two convolutions, scaled and shifted between them by FiLM."""

    def __init__(self, inputs: int, outputs: int, config: UnetConfig):
        super().__init__()
        self.outputs = outputs
        self.first, self.second = ConvBlock(inputs, outputs, config), ConvBlock(outputs, outputs, config)
        self.shortcut = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, film: Tensor) -> Tensor:
        """Maps x (B, inputs, H) and its FiLM (B, 2 outputs) to (B, outputs, H)."""
        scale, shift = film[..., None].chunk(2, dim=1)
        out: Tensor = self.second(self.first(x) * (1.0 + scale) + shift) + self.shortcut(x)
        return out


def _two_blocks(inputs: int, outputs: int, config: UnetConfig) -> nn.ModuleList:
    return nn.ModuleList([FilmBlock(inputs, outputs, config), FilmBlock(outputs, outputs, config)])


def _through(blocks: nn.Module, x: Tensor, films: Iterator[Tensor]) -> Tensor:
    for block in blocks:  # type: ignore[attr-defined]
        x = block(x, next(films))
    return x
