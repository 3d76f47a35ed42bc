"""Keeps the episodes of a comparison, one line each, so that nothing is lost when it is interrupted."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from zprl.checkpoints.run_folder import RunError
from zprl.rl.blind_order import EPISODES_PER_PAIR, pair_of, plays_b
from zprl.training.statistics import SuccessRate
from zprl_core.errors import quoted, remedy

NAME = "episodes.jsonl"


@dataclass(frozen=True)
class Played:
    """One episode of a comparison. Who played it follows from the comparison's seed."""

    episode: int
    success: bool
    source: str = "automatic"  # origin of the label: automatic, or the operator's tool


@dataclass(frozen=True)
class Pair:
    """Two episodes from one reset."""

    number: int
    a: Played
    b: Played

    @property
    def difference(self) -> int:
        """Success of B less success of A: 1, 0 or -1."""
        return int(self.b.success) - int(self.a.success)


class Pairs:
    """The episodes of a comparison so far, in its folder."""

    def __init__(self, folder: Path, seed: int):
        """Read what was played before. Raises RunError when it is damaged."""
        self._path, self._seed = folder / NAME, seed
        self._episodes: dict[int, Played] = {}
        for played in _read(self._path):
            self._episodes.setdefault(played.episode, played)

    @property
    def complete(self) -> list[Pair]:
        """Pairs of which both episodes were played, in order. The other ones do not count."""
        found = []
        for number in sorted({pair_of(episode) for episode in self._episodes}):
            both = [self._episodes.get(EPISODES_PER_PAIR * number + k) for k in range(EPISODES_PER_PAIR)]
            if both[0] is None or both[1] is None:
                continue
            b_first = plays_b(self._seed, both[0].episode)
            found.append(Pair(number, both[b_first], both[not b_first]))  # type: ignore[arg-type]
        return found

    @property
    def next_episode(self) -> int:
        """The first episode of a pair that was not begun."""
        return EPISODES_PER_PAIR * (pair_of(max(self._episodes, default=-1)) + 1)

    @property
    def differences(self) -> npt.NDArray[np.int64]:
        """Differences of the complete pairs, (n,)."""
        return np.array([pair.difference for pair in self.complete], np.int64)

    @property
    def rates(self) -> tuple[SuccessRate, SuccessRate]:
        """Success of A and of B, in the complete pairs."""
        pairs = self.complete
        n = len(pairs)
        return SuccessRate(sum(p.a.success for p in pairs), n), SuccessRate(sum(p.b.success for p in pairs), n)

    def add(self, played: Played) -> None:
        """Keep an episode; one of a number that was played before is ignored. Raises RunError on a disk error."""
        if played.episode in self._episodes:
            return
        self._episodes[played.episode] = played
        try:
            with self._path.open("a") as file:
                file.write(json.dumps(asdict(played)) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunError(
                f"cannot write {self._path}: {error}; {remedy(error)}, then run the same command again"
            ) from None


def _read(path: Path) -> list[Played]:
    """Read the episodes; a last line that was cut off does not count."""
    if not path.exists():
        return []
    found, lines = [], path.read_text(errors="replace").split("\n")
    for k, line in enumerate(lines[:-1]):
        try:
            found.append(_played(json.loads(line)))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise RunError(
                f"line {k + 1} of {path} is damaged ({quoted(error)}); restore it, or give another --name"
            ) from None
    if lines[-1]:
        path.write_text("".join(line + "\n" for line in lines[:-1]))
    return found


def _played(words: Mapping[str, object]) -> Played:
    episode, success, source = words["episode"], words["success"], words["source"]
    if type(episode) is not int or episode < 0 or type(success) is not bool or not isinstance(source, str):
        raise ValueError("it is no episode")
    return Played(episode, success, source)
