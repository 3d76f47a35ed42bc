"""The folder of a comparison: what is compared and by which rule, its episodes, and its report."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zprl.checkpoints.run_difference import difference_table, differences
from zprl.checkpoints.run_folder import RunError, RunFolder, versions
from zprl.training.paired_test import PairedTest, Verdict, intervals
from zprl.training.statistics import SuccessRate
from zprl_cli.experiment.pairs import Pair, Pairs
from zprl_core.blind_order import plays_b

SETUP, REPORT = "comparison", "report"
SHOWN = 12  # differences in an error


@dataclass(frozen=True)
class Setup:
    """What is compared, decided before the first episode."""

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
    """What the pairs of a comparison say."""

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


def write_report(folder: RunFolder, setup: Setup, pairs: Pairs, labeled_by: str, bags: Path | None) -> Path:
    """Write report.json, with a digest of all that it says, and report.html. Returns the path of the first one."""
    from zprl_cli.experiment.page import page  # matplotlib takes a second to load

    found = outcome(setup, pairs)
    words = {
        **setup.json,
        "verdict": str(found.verdict),
        "successes": {"a": found.a.successes, "b": found.b.successes},
        "wilson": {"a": list(found.a.interval()), "b": list(found.b.interval())},
        "difference": list(found.difference),
        "labeled_by": labeled_by,
        "pairs": [_row(setup, pair, bags) for pair in pairs.complete],
        "versions": versions(),
    }
    digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
    folder.write(REPORT, {**words, "sha256": digest})
    (folder.path / "report.html").write_text(page(setup, found, pairs, words["pairs"], labeled_by, digest))
    return folder.path / f"{REPORT}.json"


def _row(setup: Setup, pair: Pair, bags: Path | None) -> dict[str, Any]:
    """One pair as JSON: who played first, both results, who labeled them, and the bags."""
    row: dict[str, Any] = {"pair": pair.number, "first": "B" if plays_b(setup.seed, 2 * pair.number) else "A"}
    for name, played in (("a", pair.a), ("b", pair.b)):
        row[name] = {"success": played.success, "label": played.source, "bag": bag_of(bags, played.episode)}
    return row


def bag_of(bags: Path | None, episode: int) -> str:
    """Return the name of the newest bag of an episode; "" if it was not recorded."""
    found = [] if bags is None else sorted(bags.glob(f"*_{episode:06d}"), key=lambda path: path.stat().st_mtime)
    return found[-1].name if found else ""
