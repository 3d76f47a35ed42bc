"""Embeds demonstrations with the base that was pretrained from them."""

import torch

from zprl.models.base_policy import BasePolicy
from zprl.rl.demo_replay import EmbeddedDemos
from zprl.training.demos import Demos
from zprl.training.windows import batches, windows


@torch.no_grad()
def embedded(base: BasePolicy, demos: Demos) -> EmbeddedDemos:
    """Returns each observation of the demonstrations as `base` embeds it, images cropped at their centers."""
    found = [base.embed(batch) for batch in batches(windows(demos, 1))]
    e, mu, logvar = (torch.cat([getattr(part, name) for part in found]) for name in ("e", "mu", "logvar"))
    return EmbeddedDemos(e, mu, logvar, torch.from_numpy(demos.episode_ends))
