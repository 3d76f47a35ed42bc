"""Named settings of online finetuning, as a command offers them."""

from enum import Enum

from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU, EFFICIENT, FAST, PAPER_V1
from zprl_sim.tasks.recipe import Recipe


class Preset(str, Enum):
    """Named settings of online finetuning."""

    CPU = "cpu"
    EFFICIENT = "efficient"
    FAST = "fast"
    PAPER_V1 = "paper_v1"

    @property
    def config(self) -> FinetuneConfig:
        presets = {Preset.CPU: CPU, Preset.EFFICIENT: EFFICIENT, Preset.FAST: FAST, Preset.PAPER_V1: PAPER_V1}
        return presets[self]

    def config_for(self, recipe: Recipe) -> FinetuneConfig:
        """The settings with what a task's recipe changes: exploration, and with preset cpu the entropy target."""
        match self:
            case Preset.CPU:
                return recipe.adapted(self.config)
            case Preset.EFFICIENT:
                return recipe.exploring(self.config)
            case _:
                return self.config
