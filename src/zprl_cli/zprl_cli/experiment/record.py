"""The folder of a comparison: the policies and the rule, its episodes, and what they say."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from zprl.checkpoints.run_difference import difference_table, differences
from zprl.checkpoints.run_folder import RunError, RunFolder, versions
from zprl.training.paired_test import PairedTest, Verdict, intervals
from zprl.training.statistics import SuccessRate
from zprl_cli.experiment.pairs import Pairs

SETUP = "comparison"
SHOWN = 12  # differences in an error


@dataclass(frozen=True)
class Setup:
    """The policies, resets and rule of a comparison, decided before the first episode."""

    a: dict[str, str]  # identity of policy A
    b: dict[str, str]
    task: str
    robot: str  # kind of robot; "in process": a simulation without ROS
    seed: int
    test: PairedTest

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return found


@dataclass(frozen=True)
class Outcome:
    """The result of a comparison, as far as its pairs say."""

    verdict: Verdict
    a: SuccessRate
    b: SuccessRate
    difference: tuple[float, float]  # interval of success of B less that of A, which holds at every look
    pairs: int

    def summary(self, setup: Setup) -> str:
        """Format the lines for a terminal."""
        low, high = (100 * x for x in self.difference)
        return (
            f"A {setup.a['name']}: {self.a}\nB {setup.b['name']}: {self.b}\n"
            f"B less A: {100 * (self.b.rate - self.a.rate):+.1f} points, 95 % {low:+.1f} to {high:+.1f}; "
            f"{self.words(setup)} after {self.pairs} pairs"
        )

    def words(self, setup: Setup) -> str:
        """Return the verdict with the margin it is about."""
        if self.verdict == Verdict.CLOSE:
            return f"they differ by less than {100 * setup.test.margin:.0f} points"
        return str(self.verdict)


def open_comparison(folder: RunFolder, setup: Setup) -> Pairs:
    """Make the folder, or resume it. Raises RunError if it holds the comparison of something else."""
    before = folder.read(SETUP)
    if before is None:
        folder.write(SETUP, {**setup.json, "versions": versions()})
    elif found := list(differences({key: before.get(key) for key in setup.json}, setup.json)):
        raise RunError(
            f"{folder.path} is another comparison; give another --name for this one\n{difference_table(found, SHOWN)}"
        )
    return Pairs(folder.path, setup.seed)


def outcome(setup: Setup, pairs: Pairs) -> Outcome:
    """Judge the complete pairs by the rule of the comparison."""
    x = pairs.differences
    low, high = intervals(x)[-1] if len(x) else (-1.0, 1.0)
    return Outcome(setup.test.verdict(x), *pairs.rates, (float(low), float(high)), len(x))
