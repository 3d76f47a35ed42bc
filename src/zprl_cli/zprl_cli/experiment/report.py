"""Writes the report of a comparison: report.json for programs, report.html for people."""

import hashlib
import json
from pathlib import Path
from typing import Any

from zprl.checkpoints.run_folder import RunFolder, versions
from zprl.rl.blind_order import plays_b
from zprl_cli.experiment.page import page
from zprl_cli.experiment.pairs import Pair, Pairs
from zprl_cli.experiment.record import Setup, outcome

REPORT = "report"


def write_report(folder: RunFolder, setup: Setup, pairs: Pairs, labeled_by: str, bags: Path | None) -> Path:
    """Write report.json, with a digest of all that it says, and report.html. Returns the path of the first one."""
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
