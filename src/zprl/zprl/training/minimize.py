"""The training loop of offline learning: AdamW, warm-up and cosine, and a moving average of the weights."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zprl.training.config import PretrainConfig

Progress = Callable[[int, dict[str, float]], None]  # training steps made, and the terms of the last one
Draw = Callable[[], tuple[Any, ...]]  # one batch: tensors and mappings of tensors


def no_progress(step: int, terms: dict[str, float]) -> None:
    """Shows nothing."""


def minimize(
    fabric: Fabric,
    loss: nn.Module,
    module: nn.Module,
    average: nn.Module,
    draw: Draw,
    config: PretrainConfig,
    show: Progress,
    weight: float = 1.0,
) -> None:
    """Minimizes the sum of the terms `loss(*draw())`, drawn anew for each step, over the parameters of `module`.

    Those that require no gradient stay as they are. The others of `average`, a copy of `module`, become the moving
    average. `loss` contains `module`; all three end on fabric's device. Of several processes each draws its own rows of
    the batch, with the `weight` of its `BatchShare`; all then have the same parameters and averages.
    """
    trained: list[Tensor] = [p for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, config.lr, betas=(0.95, 0.999), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: warmup_cosine(k, config.warmup, config.steps))
    model, stepper = fabric.setup(loss, optimizer)
    average.to(fabric.device)
    pairs = zip(average.parameters(), module.parameters(), strict=True)
    averaged: list[Tensor] = [mean for mean, p in pairs if p.requires_grad]
    for step, batch in enumerate(_drawn(fabric, draw, config.steps)):
        terms: dict[str, Tensor] = model(*batch)
        stepper.zero_grad(set_to_none=True)
        fabric.backward(weight * sum(terms.values(), torch.zeros(())))
        stepper.step()
        schedule.step()
        decay = min(config.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(averaged, trained, 1 - decay)
        if fabric.is_global_zero and (step % 100 == 99 or step + 1 == config.steps):
            show(step + 1, {name: x.item() for name, x in terms.items()})


def _drawn(fabric: Fabric, draw: Draw, count: int) -> Iterator[Any]:
    """Returns `count` batches on fabric's device; for a GPU, the next one is drawn while it computes."""
    if fabric.device.type == "cpu":
        yield from (draw() for _ in range(count))
        return
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(draw)
        for left in reversed(range(count)):
            batch = coming.result()
            if left:
                coming = pool.submit(draw)
            yield fabric.to_device(batch)


def warmup_cosine(step: int, warmup: int, steps: int) -> float:
    """Returns the learning rate's factor: linear up over `warmup`, then half a cosine down to 0 at `steps`."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
