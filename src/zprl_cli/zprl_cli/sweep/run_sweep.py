"""Runs what a plan leaves to do on a cluster."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from zprl_cli.sweep.plan import Plan
from zprl_cli.sweep.run_flags import finetune_command, pretrain_command
from zprl_cli.sweep.sweep_bar import SweepBar
from zprl_cli.sweep.token import Token
from zprl_cli.sweep.work import Outcome, Work, last_lines

LOOK_EVERY_S = 1.0
LOGS = "sweep_logs"  # in the runs folder


class Queue(Protocol):
    """Takes commands and gives their outcomes, as a Ray cluster does."""

    def start(self, work: Work, *needed: Any) -> Any: ...

    def next_outcome(self, timeout_s: float) -> Outcome | None: ...

    def cancel(self) -> None: ...


@dataclass(frozen=True)
class Started:
    """A command that was queued. `written`: bytes in its log before, from earlier calls."""

    work: Work
    written: int

    @property
    def running(self) -> bool:
        """True once it has written into its log."""
        return _size(self.work.log) > self.written

    @property
    def last_line(self) -> str:
        """The last line of its log."""
        line = "".join(last_lines(self.work.log, 1))
        return "starting" if line.startswith("$") else line


@dataclass(frozen=True)
class Reserved:
    """The part of the cluster that a command occupies."""

    cores: int = 1
    gpus_per_base: float = 0.0  # only bases use GPUs


def run_sweep(plan: Plan, queue: Queue, token: Token, reserved: Reserved, bar: SweepBar) -> list[Outcome]:
    """Run bases and runs; return the outcomes of those that failed. An exception ends what runs.

    Logs are written into the folder of the token.
    """
    bases: dict[Path, Any] = {}
    started: dict[str, Started] = {}

    def start(name: str, arguments: tuple[str, ...], gpus: float, *needed: Any) -> Any:
        work = Work(name, arguments, token.path.with_name(f"{name}.log"), token, reserved.cores, gpus)
        started[name] = Started(work, _size(work.log))
        return queue.start(work, *needed)

    for base in plan.missing_bases:
        name = f"{base.folder.path.name}-base"
        bases[base.folder.path] = start(name, pretrain_command(base), reserved.gpus_per_base)
    for run in plan.unfinished:
        base_of = bases.get(run.base.folder.path)
        start(run.name, finetune_command(run), 0.0, *(() if base_of is None else (base_of,)))
    try:
        return _failures(queue, started, {run.name for run in plan.unfinished}, bar)
    except BaseException:
        queue.cancel()
        raise


def _failures(queue: Queue, started: dict[str, Started], runs: set[str], bar: SweepBar) -> list[Outcome]:
    failures = []
    while started:
        bar.show([f"{name}: {s.last_line}" for name, s in started.items() if s.running])
        outcome = queue.next_outcome(LOOK_EVERY_S)
        if outcome is None:
            continue
        del started[outcome.name]
        if outcome.name in runs:  # the failure of a base is that of its runs
            bar.ended(outcome)
            failures += [outcome] if outcome.trouble else []
    return failures


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
