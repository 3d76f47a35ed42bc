"""Stores used actor weights on the robot's disk, so that the policy can run without the learner."""

import os
from pathlib import Path

from zprl_core.id_bounds import HIGHEST

KEEP = 20  # newest sets kept
THIN, KEEP_THIN = 10, 80  # of the older sets every 10th is kept, at most 80


class WeightStore:
    """Sets of weights by number, and the pinned number. Writes raise OSError when the disk fails."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def versions(self) -> list[int]:
        """The stored numbers, newest first."""
        found = (int(p.stem) for p in self.folder.glob("*.safetensors") if p.stem.isdecimal())
        return sorted((number for number in found if number <= HIGHEST), reverse=True)

    def keep(self, actor_version: int, data: bytes) -> None:
        """Stores a set atomically and thins out old sets."""
        path = self._path(actor_version)
        new = path.with_suffix(".new")
        new.write_bytes(data)
        os.replace(new, path)
        for old in surplus(self.versions):
            self._path(old).unlink(missing_ok=True)

    def read(self, actor_version: int) -> bytes:
        """Returns a stored set. Raises ValueError listing the stored numbers when this one is missing."""
        try:
            return self._path(actor_version).read_bytes()
        except OSError:
            kept = ", ".join(map(str, self.versions)) or "none"
            raise ValueError(f"weights {actor_version} are not stored here; stored are {kept}") from None

    @property
    def pinned(self) -> int | None:
        """The number that the operator chose over the learner's newest; None if there is none."""
        try:
            return int(self._pin.read_text())
        except (OSError, ValueError):
            return None

    def pin(self, actor_version: int | None) -> None:
        """Stores the pinned number; None removes it."""
        if actor_version is None:
            self._pin.unlink(missing_ok=True)
            return
        new = self._pin.with_suffix(".new")
        new.write_text(str(actor_version))
        os.replace(new, self._pin)

    @property
    def _pin(self) -> Path:
        return self.folder / "pinned"

    def _path(self, actor_version: int) -> Path:
        return self.folder / f"{actor_version:09d}.safetensors"


def surplus(versions: list[int]) -> list[int]:
    """Returns the numbers that need not be kept; `versions` is sorted newest first."""
    older = versions[KEEP:]
    thinned = [number for number in older if number % THIN == 0][:KEEP_THIN]
    return [number for number in older if number not in thinned]
