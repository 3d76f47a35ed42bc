"""Counts the demonstrations in a folder of bags, while it grows."""

from dataclasses import dataclass, field
from pathlib import Path

from zprl_core.bags.bag_list import BagState, summary_of
from zprl_core.bags.bag_reader import is_described


@dataclass
class DemoCount:
    """Counts the demonstrations of a task in a folder; each complete bag is read once."""

    bags: Path
    task: str
    next_episode: int = 0  # above the number of every complete bag of the task
    _judged: dict[str, bool] = field(default_factory=dict)  # whether a bag is a demonstration, by name

    def kept(self) -> int:
        """Return the number of successful episodes whose bags are complete."""
        for path in self.bags.iterdir() if self.bags.is_dir() else ():
            if path.name not in self._judged and is_described(path):
                found = summary_of(path)
                if found.state == BagState.RECORDING:  # the recorder is about to release it
                    continue
                label, ours = found.custom.get("label"), found.custom.get("task") == self.task
                self._judged[path.name] = ours and (found.state, label) == (BagState.COMPLETE, "success")
                number = found.custom.get("episode", "")
                if ours and number.isdecimal():
                    self.next_episode = max(self.next_episode, int(number) + 1)
        return sum(self._judged.values())
