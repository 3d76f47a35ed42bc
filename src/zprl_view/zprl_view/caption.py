"""The state of policy, episode and learner in a few lines of text."""

import math
from dataclasses import dataclass

LONGEST = 100  # characters of a reason


@dataclass
class Caption:
    """The newest figures; None before they were heard."""

    episode: str = "no episode yet"
    mode: str = "no policy yet"
    weights: int = 0
    behind: int = 0  # weights that the learner has published since
    reason: str = ""  # why no command is sent
    arm: str = ""  # mode of the arm, and its reason
    success: float = math.nan  # of the last 50 episodes
    updates: int = 0
    q_mean: float = math.nan
    rms_ratio: float = math.nan

    @property
    def text(self) -> str:
        """The lines."""
        behind = f", {self.behind} behind" if self.behind else ""
        lines = [self.episode, f"{self.mode}, weights {self.weights}{behind}"]
        if not math.isnan(self.success):
            lines.append(f"success {100 * self.success:.0f} % of the last episodes, {self.updates} updates")
        if not math.isnan(self.q_mean):
            lines.append(f"Q {self.q_mean:.2f}, RMS(u) / RMS(z) {self.rms_ratio:.2f}")
        if self.arm:
            lines.append(f"arm: {self.arm[:LONGEST]}")
        if self.reason:
            lines.append(f"holds: {self.reason[:LONGEST]}")
        return "\n".join(lines)
