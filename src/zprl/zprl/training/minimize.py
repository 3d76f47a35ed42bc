"""The training loop of offline learning: AdamW, warm-up and cosine, and a moving average of the weights."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from zprl.training.config import PretrainConfig

Progress = Callable[[int, dict[str, float]], None]  # training steps made, and the terms of the last one


def no_progress(step: int, terms: dict[str, float]) -> None:
    """Shows nothing."""


def minimize(
    module: nn.Module,
    average: nn.Module,
    terms: Callable[[], dict[str, Tensor]],
    config: PretrainConfig,
    show: Progress,
) -> None:
    """Minimizes the sum of `terms()`, drawn anew for each step, over the parameters of `module`.

    The parameters of `average`, a copy of `module`, become the moving average.
    """
    optimizer = torch.optim.AdamW(module.parameters(), config.lr, betas=(0.95, 0.999), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: warmup_cosine(k, config.warmup, config.steps))
    for step in range(config.steps):
        found = terms()
        optimizer.zero_grad(set_to_none=True)
        sum(found.values(), torch.zeros(())).backward()
        optimizer.step()
        schedule.step()
        decay = min(config.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(module.parameters()), 1 - decay)
        if step % 100 == 99 or step + 1 == config.steps:
            show(step + 1, {name: x.item() for name, x in found.items()})


def warmup_cosine(step: int, warmup: int, steps: int) -> float:
    """Returns the learning rate's factor: linear up over `warmup`, then half a cosine down to 0 at `steps`."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
