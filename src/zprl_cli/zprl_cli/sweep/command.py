"""`zprl sweep`: the runs of several tasks, methods and seeds, on a Ray cluster."""

import sys
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from zprl.rl.config import Steer
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import SEEDS, Range, check_ranges

if TYPE_CHECKING:
    from zprl_cli.sweep.plan import Plan
    from zprl_cli.sweep.work import Outcome

CHOSEN = ("task", "steer", "preset", "seed", "robots", "in_process", "env", "expert", "time_limit")


@dataclass(frozen=True)
class Sweep:
    """Make the runs of all combinations of tasks, steerings, presets and seeds, several at a time, on a Ray cluster.

    Each is an ordinary run of zprl finetune --in-process, and those of a task and seed share one base. Ctrl-C stops
    the sweep; the same command goes on where it was stopped, killed or failed. At the end the runs are compared.
    """

    tasks: Annotated[tuple[str, ...], "tasks; zprl tasks lists them"] = ("lift",)
    steers: Annotated[tuple[Steer, ...], "what the residual is added to"] = (Steer.LATENT,)
    presets: Annotated[tuple[Preset, ...], "hyperparameters of online finetuning"] = (Preset.EFFICIENT,)
    seeds: Annotated[tuple[int, ...], "seeds of demonstrations, resets, exploration and learning"] = (0,)
    options: Annotated[RunOptions, Embedded(Command.JOB, without=CHOSEN)] = field(default_factory=RunOptions)
    runs: Annotated[Path, "folder that holds the run folders, which all machines of a cluster share"] = Path("runs")
    address: Annotated[
        str | None,
        "a Ray cluster: auto, HOST:PORT or ray://HOST:PORT; by default one is started on this machine for the sweep",
    ] = None
    cores: Annotated[
        int | None, "cores of the cluster on this machine; by default all that it has", Range(1, 10_000)
    ] = None
    cores_per_run: Annotated[int, "cores that Ray reserves for a run, whose libraries use as many", Range(1, 1000)] = 1
    gpus_per_base: Annotated[
        float,
        "GPUs, or the share of one, that Ray reserves to pretrain a base, the only use of GPUs; with 0 each sees all",
        Range(0, 64),
    ] = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)
        for name in ("tasks", "steers", "presets", "seeds"):
            if not getattr(self, name):
                raise ValueError(f"--{name} needs at least one value")
        for seed in self.seeds:
            if seed not in SEEDS:
                raise ValueError(f"seeds must be within {SEEDS}, got {seed}")
        if self.address is not None and self.cores is not None:
            raise ValueError("--cores is for a cluster on this machine, and --address is another one; remove one")

    def main(self) -> None:
        """Make the runs that are not finished, and print the table of all. Exits with 1 if one failed."""
        from zprl_cli.report.command import print_comparison
        from zprl_cli.sweep.cluster import check_ray
        from zprl_cli.sweep.start_check import check_plan

        plan = self.plan()
        failures: list[Outcome] = []
        if plan.unfinished:
            check_ray()
            check_plan(plan, self._folder)
            failures = self._failures(plan)
        begun = [run.folder for run in plan.runs if (run.folder.path / "config.json").exists()]
        print_comparison(begun)
        if failures:
            _print_failures(failures, len(plan.runs), self._folder)
            sys.exit(1)

    def plan(self) -> "Plan":
        """Return the runs. Raises ValueError for an unknown task, and for options that do not fit a method."""
        from zprl_cli.sweep.plan import Method, make_plan

        methods = [Method(steer, preset) for steer, preset in product(self.steers, self.presets)]
        return make_plan(self.options, self.tasks, methods, self.seeds, self._folder)

    @property
    def _folder(self) -> Path:
        return self.runs.expanduser().absolute()

    def _failures(self, plan: "Plan") -> "list[Outcome]":
        from zprl_cli.sweep.cluster import connected
        from zprl_cli.sweep.run_sweep import LOGS, Reserved, run_sweep
        from zprl_cli.sweep.sweep_bar import SweepBar
        from zprl_cli.sweep.token import token_in

        reserved = Reserved(self.cores_per_run, self.gpus_per_base)
        with connected(self.address, self.cores) as cluster:
            token = token_in(self._folder / LOGS)
            cluster.check(token, self.cores_per_run, self.gpus_per_base)
            bar = SweepBar(len(plan.runs), len(plan.runs) - len(plan.unfinished))
            try:
                return run_sweep(plan, cluster, token, reserved, bar)
            finally:
                bar.close()


def _print_failures(failures: "list[Outcome]", total: int, runs: Path) -> None:
    """Print what failed, with the last lines of each log."""
    from zprl_cli.sweep.run_sweep import LOGS

    print(f"zprl: {len(failures)} of {total} runs failed; the same command tries them again", file=sys.stderr)
    for failure in failures:
        print(f"{failure.name}: {failure.trouble}; log: {runs / LOGS / failure.name}.log", file=sys.stderr)
        for line in failure.last_lines:
            print(f"    {line}", file=sys.stderr)
