"""The numbers that a resumed run keeps."""

from dataclasses import dataclass, field
from typing import Any

from zprl.rl.config import FinetuneConfig
from zprl_sim.tasks.recipe import Recipe


@dataclass(frozen=True)
class Kept:
    """The numbers of a run whose release derived others from its options than this one."""

    recipe: Recipe
    finetune: FinetuneConfig
    base: dict[str, Any] = field(default_factory=dict)  # numbers of the run's base; empty before it is pretrained
