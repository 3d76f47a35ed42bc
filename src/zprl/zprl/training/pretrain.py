"""Offline training of the frozen base from demonstrations: flow matching with the plug-in bottleneck."""

from collections.abc import Mapping
from copy import deepcopy

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.bottleneck import kl_to_standard_normal, reconstruction, sample_latent
from zprl.models.config import BaseConfig
from zprl.models.crops import random_corners
from zprl.models.flow import flow_loss
from zprl.models.observation_batch import ObservationBatch
from zprl.training.accelerator import accelerate, accelerator, cores_for
from zprl.training.agreement import check_same
from zprl.training.batch_share import BatchShare, share_of
from zprl.training.config import PretrainConfig
from zprl.training.demos import Demos
from zprl.training.launch import launched
from zprl.training.minimize import Progress, minimize, no_progress
from zprl.training.windows import Windows, batches, windows
from zprl_core.spec_difference import check_agreement


class PretrainLoss(nn.Module):
    """L_flow and L_vib of one batch. Their sum is minimized."""

    def __init__(self, base: BasePolicy, config: PretrainConfig):
        super().__init__()
        self.base, self.config = base, config

    def forward(
        self,
        state: Tensor,
        images: Mapping[str, Tensor],
        corners: Tensor | None,
        a: Tensor,
        x_0: Tensor,
        t: Tensor,
        noise: Tensor,
    ) -> dict[str, Tensor]:
        """Returns the terms for observations (B), chunks a and noise x_0 (B, H, A), times t (B,) and noise (B, Z).

        `corners`: of the images' crops, (cameras, B, 2).
        """
        base, config = self.base, self.config
        e = base.encode(ObservationBatch(state, images, corners))
        mu, logvar = base.bottleneck.encode(e.detach())
        e_hat = base.bottleneck.decode(sample_latent(mu, logvar, noise))
        return {
            "flow": flow_loss(base.velocity, a, e, x_0, t),
            "through_bottleneck": flow_loss(self._v_frozen, a, e_hat, x_0, t),
            "kl": config.beta * kl_to_standard_normal(mu, logvar),
            "reconstruction": config.rho * reconstruction(e_hat, e),
        }

    def _v_frozen(self, x_t: Tensor, t: Tensor, e: Tensor) -> Tensor:
        frozen = {name: p.detach() for name, p in self.base.velocity.named_parameters()}
        out: Tensor = torch.func.functional_call(self.base.velocity, frozen, (x_t, t, e))
        return out


def pretrain(
    demos: Demos,
    base_config: BaseConfig,
    config: PretrainConfig,
    seed: int = 0,
    progress: Progress = no_progress,
    fabric: Fabric | None = None,
    backbone: Mapping[str, Tensor] | None = None,
) -> BasePolicy:
    """Trains a base on `demos`. Returns it with frozen EMA weights, on the CPU.

    `fabric`: what computes; by default `accelerator`'s choice. `backbone`: the weights of a pretrained one, as
    `read_backbone` returns them, which the base then contains. Raises ValueError with a table when the specs of base
    and demonstrations differ, and for a backbone that is missing or that the base does not have.
    """
    wanted, found = (base_config.observation, base_config.action), (demos.observation, demos.action)
    check_agreement(wanted, found, "the base", "the demonstrations", "record demonstrations for this base")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        base = BasePolicy(base_config)
    _load_backbone(base, backbone)
    data = windows(demos, base_config.horizon)
    base.encoder.fit(data.states)
    chosen = accelerator(base.vision is not None) if fabric is None else fabric
    BatchShare(config.batch, world_size=chosen.world_size)  # refuses more processes than rows before they start
    base.load_state_dict(launched(chosen, _trained, deepcopy(base), data, config, seed, progress))
    freeze(base)
    return base


def _load_backbone(base: BasePolicy, weights: Mapping[str, Tensor] | None) -> None:
    """Raises ValueError for weights without a backbone, and a backbone without weights."""
    backbone = None if base.vision is None else base.vision.backbone
    if (backbone is None) != (weights is None):
        raise ValueError("a base with a pretrained backbone, and no other, needs the weights of that backbone")
    if backbone is not None and weights is not None:
        backbone.load_state_dict(dict(weights))


def _trained(
    fabric: Fabric, base: BasePolicy, data: Windows, config: PretrainConfig, seed: int, progress: Progress
) -> dict[str, Tensor]:
    """Trains `base` and returns its moving average, the same in each of fabric's processes."""
    check_same(fabric, f"{base.config} {config} {seed}", data.states, data.chunks)
    rng = torch.Generator().manual_seed(seed)
    batch, share = config.batch, share_of(fabric, config.batch)

    def draw() -> tuple[object, ...]:
        rows = torch.randint(len(data), (batch,), generator=rng)
        vision, cameras = base.config.vision, len(base.config.observation.images)
        corners = None if vision is None else random_corners(vision, cameras, batch, rng)[:, share.rows]
        x_0 = base.noise(batch, rng)[share.rows]
        t = torch.rand(batch, generator=rng)[share.rows]
        noise = torch.randn(batch, base.config.latent_dim, generator=rng)[share.rows]
        own = rows[share.rows]
        seen = data.observations(own)
        return seen.state, seen.images, corners, data.chunks[own], x_0, t, noise

    average = deepcopy(base).requires_grad_(False)
    if base.vision is not None:
        accelerate(fabric, base.vision.convolutional)
    with cores_for(fabric, images=base.vision is not None):
        minimize(fabric, PretrainLoss(base, config), base, average, draw, config, progress, share.weight)
    fit_units(average, data, rng, fabric.device)
    return average.state_dict()


@torch.no_grad()
def fit_units(base: BasePolicy, data: Windows, rng: torch.Generator, device: torch.device) -> None:
    """Sets the unit of the features and that of z, RMS(z) for z ~ N(mu, var), from the demonstrations' observations."""
    if base.vision is not None:
        base.vision.fit(torch.cat([base.vision(batch.to(device).images) for batch in batches(data)]))
    z = [base.embed(batch.to(device)).sample(rng) for batch in batches(data)]
    base.z_rms.copy_(torch.cat(z).square().mean().sqrt())
