"""Offline training of the frozen base from demonstrations: flow matching with the plug-in bottleneck."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.bottleneck import kl_to_standard_normal, reconstruction, sample_latent
from zprl.models.config import BaseConfig
from zprl.models.flow import flow_loss
from zprl.models.observation_batch import ObservationBatch
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.minimize import Progress, minimize, no_progress
from zprl_core.spec_difference import check_agreement

AT_ONCE = 256  # images of each camera that are embedded at once


@dataclass(frozen=True)
class Windows:
    """Every observation of the demonstrations with the next H actions."""

    states: Tensor  # (N, S)
    chunks: Tensor  # (N, H, A)
    images: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=dict)  # by stream: (N, h, w, c), on disk

    def __len__(self) -> int:
        return len(self.states)

    def observations(self, rows: Tensor) -> ObservationBatch:
        """Returns the observations of these rows (B,)."""
        index = rows.numpy()
        images = {name: torch.from_numpy(x[index]) for name, x in self.images.items()}
        return ObservationBatch(self.states[rows], images)


def windows(demos: Demos, horizon: int) -> Windows:
    """Cuts demonstrations into windows. Past the end of an episode, the last action is repeated without motion."""
    index = chunk_index(demos.episode_ends, horizon)
    chunks = demos.actions[index]
    past = index != np.arange(len(index))[:, None] + np.arange(horizon)
    rows, steps = np.nonzero(past)
    chunks[rows[:, None], steps[:, None], np.nonzero(demos.action.still)[0]] = (
        0.0  # no motion; the other components are held
    )
    return Windows(torch.from_numpy(demos.observations), torch.from_numpy(chunks), demos.images)


def chunk_index(episode_ends: npt.NDArray[np.int64], horizon: int) -> npt.NDArray[np.int64]:
    """Returns (N, H): the row of each action of each window, held at the episode's last row."""
    rows = np.arange(episode_ends[-1])
    last = np.repeat(episode_ends, np.diff(episode_ends, prepend=0)) - 1
    return np.minimum(rows[:, None] + np.arange(horizon), last[:, None])


def losses(
    base: BasePolicy, batch: ObservationBatch, a: Tensor, config: PretrainConfig, rng: torch.Generator
) -> dict[str, Tensor]:
    """Returns L_flow and L_vib of one batch: observations (B) and chunks a (B, H, A). Their sum is minimized."""
    e = base.encode(batch, rng)
    x_0 = torch.randn(a.shape, generator=rng)
    t = torch.rand(len(a), generator=rng)
    mu, logvar = base.bottleneck.encode(e.detach())
    z = sample_latent(mu, logvar, torch.randn(mu.shape, generator=rng))
    e_hat = base.bottleneck.decode(z)
    frozen = {name: p.detach() for name, p in base.velocity.named_parameters()}

    def v_frozen(x_t: Tensor, t: Tensor, e: Tensor) -> Tensor:
        out: Tensor = torch.func.functional_call(base.velocity, frozen, (x_t, t, e))
        return out

    return {
        "flow": flow_loss(base.velocity, a, e, x_0, t),
        "through_bottleneck": flow_loss(v_frozen, a, e_hat, x_0, t),
        "kl": config.beta * kl_to_standard_normal(mu, logvar),
        "reconstruction": config.rho * reconstruction(e_hat, e),
    }


def pretrain(
    demos: Demos,
    base_config: BaseConfig,
    config: PretrainConfig,
    seed: int = 0,
    progress: Progress = no_progress,
) -> BasePolicy:
    """Trains a base on `demos`. Returns it with frozen EMA weights.

    Raises ValueError with a table when the specs of base and demonstrations differ.
    """
    wanted, found = (base_config.observation, base_config.action), (demos.observation, demos.action)
    check_agreement(wanted, found, "the base", "the demonstrations", "record demonstrations for this base")
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        base = BasePolicy(base_config)
    data = windows(demos, base_config.horizon)
    base.encoder.fit(data.states)
    ema = deepcopy(base).requires_grad_(False)

    def terms() -> dict[str, Tensor]:
        rows = torch.randint(len(data), (config.batch,), generator=rng)
        return losses(base, data.observations(rows), data.chunks[rows], config, rng)

    minimize(base, ema, terms, config, progress)
    freeze(ema)
    if ema.vision is not None:
        ema.vision.fit(torch.cat([ema.vision(batch.images) for batch in batches(data)]))
    ema.z_rms.copy_(latent_rms(ema, data, rng))
    return ema


def batches(data: Windows) -> Iterator[ObservationBatch]:
    """Returns all observations in order, as many at a time as fit into memory."""
    size = AT_ONCE if data.images else len(data)
    return (data.observations(rows) for rows in torch.arange(len(data)).split(size))


@torch.no_grad()
def latent_rms(base: BasePolicy, data: Windows, rng: torch.Generator) -> Tensor:
    """Returns RMS(z) over the observations of the demonstrations, z ~ N(mu, var)."""
    z = [base.embed(batch).sample(rng) for batch in batches(data)]
    return torch.cat(z).square().mean().sqrt()
