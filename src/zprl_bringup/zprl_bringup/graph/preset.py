"""Named settings of online finetuning, as a command offers them."""

from enum import Enum

from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU, FAST, PAPER_V1


class Preset(str, Enum):
    """Named settings of online finetuning."""

    CPU = "cpu"
    FAST = "fast"
    PAPER_V1 = "paper_v1"

    @property
    def config(self) -> FinetuneConfig:
        return {Preset.CPU: CPU, Preset.FAST: FAST, Preset.PAPER_V1: PAPER_V1}[self]
