"""Actor weights that a policy has used, on its own disk: it drives with the last good ones when the learner is gone."""

import os
from pathlib import Path

from zprl_core.id_bounds import HIGHEST

KEEP = 20  # newest sets
THIN, KEEP_THIN = 10, 80  # and of those before them every tenth, so many


class WeightStore:
    """Sets of weights by their number, and the one that a person pinned. Writes raise OSError when the disk refuses."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def versions(self) -> list[int]:
        """What is kept, newest first."""
        found = (int(p.stem) for p in self.folder.glob("*.safetensors") if p.stem.isdecimal())
        return sorted((number for number in found if number <= HIGHEST), reverse=True)

    def keep(self, actor_version: int, data: bytes) -> None:
        """Put a set on the shelf, whole or not at all, and thin out what is old."""
        path = self._path(actor_version)
        new = path.with_suffix(".new")
        new.write_bytes(data)
        os.replace(new, path)
        for old in surplus(self.versions):
            self._path(old).unlink(missing_ok=True)

    def read(self, actor_version: int) -> bytes:
        """Raises ValueError, which lists what there is, when this number is not kept."""
        try:
            return self._path(actor_version).read_bytes()
        except OSError:
            kept = ", ".join(map(str, self.versions)) or "none"
            raise ValueError(f"weights {actor_version} are not kept here; kept are {kept}") from None

    @property
    def pinned(self) -> int | None:
        """The number that a person wants, whatever the learner says."""
        try:
            return int(self._pin.read_text())
        except (OSError, ValueError):
            return None

    def pin(self, actor_version: int | None) -> None:
        """Remember it, or forget it."""
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
    """Which of these, newest first, need not be kept."""
    older = versions[KEEP:]
    thinned = [number for number in older if number % THIN == 0][:KEEP_THIN]
    return [number for number in older if number not in thinned]
