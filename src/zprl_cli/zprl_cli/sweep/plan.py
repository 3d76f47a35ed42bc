"""Plans a sweep: its runs, the bases that they share, and what of it is done already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import Steer
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions


@dataclass(frozen=True)
class Method:
    """A way to learn: steering and preset."""

    steer: Steer = Steer.LATENT
    preset: Preset = Preset.EFFICIENT

    @property
    def suffix(self) -> str:
        """The part of a run's name for this method, such as -noise-fast; "" for the default one."""
        chosen = ((self.steer, Steer.LATENT), (self.preset, Preset.EFFICIENT))
        return "".join(f"-{mine.value}" for mine, usual in chosen if mine != usual)


@dataclass(frozen=True)
class SharedBase:
    """A base that the runs of one task and seed share, in the folder of the run with the default method."""

    options: RunOptions
    folder: RunFolder

    @property
    def finished(self) -> bool:
        """True once the base is there."""
        return (self.folder.base / "checkpoint.json").exists()


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep, as zprl finetune makes it alone."""

    options: RunOptions
    folder: RunFolder
    base: SharedBase

    @property
    def name(self) -> str:
        return self.folder.path.name

    @property
    def owns_base(self) -> bool:
        """True if the base is in the run's own folder, so that it needs no copy."""
        return self.folder == self.base.folder

    @property
    def finished(self) -> bool:
        """True once the run has its report, with the options that the sweep asks for."""
        if not (self.folder.path / "report.json").exists():
            return False
        return bool((self.folder.read("config") or {}).get("settings") == self.options.saved)


@dataclass(frozen=True)
class Plan:
    """The runs of a sweep, in the order of tasks, seeds and methods."""

    runs: tuple[PlannedRun, ...]

    @property
    def unfinished(self) -> tuple[PlannedRun, ...]:
        return tuple(run for run in self.runs if not run.finished)

    @property
    def missing_bases(self) -> tuple[SharedBase, ...]:
        """The bases that unfinished runs need and that are still to be made."""
        bases = {run.base.folder.path: run.base for run in self.unfinished}
        return tuple(base for base in bases.values() if not base.finished)


def make_plan(
    options: RunOptions, tasks: Sequence[str], methods: Sequence[Method], seeds: Sequence[int], runs: Path
) -> Plan:
    """Return the runs of all combinations. `options`: what all share. Raises ValueError for values that do not fit."""
    planned = []
    for task, seed in product(dict.fromkeys(tasks), dict.fromkeys(seeds)):
        until = 0.0 if options.until is None else options.until  # methods are compared after equal control steps
        shared = replace(options, task=task, seed=seed, in_process=True, until=until)
        base = SharedBase(_of_base(shared), RunFolder(runs / f"{task}-seed{seed}"))
        for method in dict.fromkeys(methods):
            chosen = replace(shared, steer=method.steer, preset=method.preset)
            planned.append(PlannedRun(chosen, RunFolder(runs / f"{task}{method.suffix}-seed{seed}"), base))
    return Plan(tuple(planned))


def _of_base(options: RunOptions) -> RunOptions:
    """Return the options that a base depends on, with the defaults of finetuning."""
    usual = RunOptions()
    return replace(options, until=None, demo_share=usual.demo_share, steer=usual.steer, preset=usual.preset)
