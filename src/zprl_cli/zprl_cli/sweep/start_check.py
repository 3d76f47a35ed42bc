"""Checks a whole sweep before its first run starts."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.run_difference import differences
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_bringup.graph.phases import can_change
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.doctor.disk import GB, existing
from zprl_cli.shared_base import OF_BASE
from zprl_cli.start_check import backbone_troubles, disk_troubles, folder_troubles, needed_bytes
from zprl_cli.sweep.plan import Plan, PlannedRun, SharedBase


def check_plan(plan: Plan, runs: Path) -> None:
    """Check what the runs of a sweep need, and print how much they may write. Raises RunError, a line per trouble."""
    need = sum(needed_bytes(run.options, run.folder) for run in plan.unfinished)
    free = shutil.disk_usage(existing(runs)).free
    troubles = [*folder_troubles(runs), *disk_troubles(runs, need, free)]
    for base in plan.missing_bases:
        troubles += backbone_troubles(base.options)
    for run in plan.unfinished:
        troubles += [*_other_base(run.base), *_other_settings(run)]
    if troubles:
        raise RunError("\nzprl: ".join(dict.fromkeys(troubles)))
    print(f"zprl: up to {need / GB:.2f} GB in {runs}, {free / GB:.1f} GB are free", file=sys.stderr)


def _other_base(base: SharedBase) -> Iterator[str]:
    """Return whether a base that is there was made with other settings than the sweep's."""
    names = [name for name in _differing(base.folder, base.options) if name in (*OF_BASE, "seed")]
    if names and base.finished:
        yield _refusal(base.folder, names)


def _other_settings(run: PlannedRun) -> Iterator[str]:
    """Return whether a run that has begun was made with settings that cannot change any more."""
    done = load_counters(run.folder.actor).env_steps
    longer = run.options.recipe.env_steps >= done
    names = [
        name
        for name in _differing(run.folder, run.options)
        if not can_change(f"settings.{name}", run.folder, longer=longer)
    ]
    if names:
        yield _refusal(run.folder, names)


def _differing(folder: RunFolder, options: RunOptions) -> list[str]:
    found = (folder.read("config") or {}).get("settings")
    return [] if found is None else [each.name for each in differences(found, options.saved)]


def _refusal(folder: RunFolder, names: list[str]) -> str:
    return f"{folder.path} was made with other settings ({', '.join(names)}); give the sweep those, or another --runs"
