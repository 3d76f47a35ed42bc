"""`zprl compare`: decides which of two policies is better, with as few episodes as a stated rule needs."""

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zprl.checkpoints.run_folder import RunFolder
from zprl.training.paired_test import PairedTest
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.kept_numbers import as_it_was
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.run_command import note
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import SEEDS, check_ranges

if TYPE_CHECKING:  # loads torch
    from zprl_cli.experiment.contestant import Contestant
    from zprl_cli.experiment.pairs import Pairs
    from zprl_cli.experiment.record import Setup
    from zprl_cli.progress_bar import ProgressBar

IN_PROCESS = "in process"


@dataclass(frozen=True)
class Compare:
    """Compare two policies on the same held-out resets, in random order, until it is clear which one is better.

    RUN alone: its base (A) and its finetuned policy (B). RUN RUN: their finetuned policies; RUN:base is the base of
    one. With --ros over the graph, also on a real robot, where who labels the episodes does not learn which policy
    plays. The same command resumes a comparison.
    """

    policies: Annotated[tyro.conf.Positional[tuple[str, ...]], "one run or two policies, each as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    name: Annotated[
        str | None, "name of the comparison's folder in RUNS/comparisons; by default the policies' names"
    ] = None
    base: Annotated[Path | None, "base of runs of zprl up, which have none of their own"] = None
    seed: Annotated[int, "seed of resets and order", SEEDS] = 0
    test: Annotated[PairedTest, "the rule by which it stops"] = field(default_factory=PairedTest)
    ros: Annotated[bool, "play over the ROS graph"] = False
    options: Annotated[RunOptions, Embedded(Command.COMPARE)] = field(default_factory=RunOptions)
    labeled_by: Annotated[str, "name of who labels the episodes, for the report"] = ""
    sign_with: Annotated[Path | None, "SSH key that signs the report"] = None

    def __post_init__(self) -> None:
        check_ranges(self)
        if len(self.policies) not in (1, 2):
            raise ValueError(f"name one run or two policies, got {len(self.policies)}: zprl compare RUN [RUN]")
        if not self.ros and self.options != RunOptions():
            raise ValueError("options of a robot, its station and its bags are for --ros; add it, or remove them")

    def main(self) -> None:
        """Play pairs until the rule stops, and write the report."""
        from zprl_cli.experiment.contestant import contestants
        from zprl_cli.experiment.record import Setup, open_comparison, outcome
        from zprl_cli.experiment.report import write_report
        from zprl_cli.experiment.signature import sign
        from zprl_cli.progress_bar import ProgressBar

        a, b = contestants(self.policies, self.runs, self.base)
        options = self._options(b.run)
        robot = self.options.robot if self.ros else IN_PROCESS
        setup = Setup(a.identity, b.identity, options.title, robot, self.seed, self.test)
        name = self.name or f"{a.run.path.name}{'' if a.actor else '-base'}_{b.run.path.name}"
        folder = RunFolder(self.runs / "comparisons" / name)
        with folder.locked(), ProgressBar() as bar:
            pairs = open_comparison(folder, setup)
            self._play(setup, options, (a, b), folder, pairs, bar)
            # Not before the end: who labels on must not learn how the policies do.
            report = write_report(folder, setup, pairs, self.labeled_by, self.options.bags)
            print(outcome(setup, pairs).summary(setup))
            print(f"report: {report.with_suffix('.html')}")
            if self.sign_with is not None:
                print(f"signature: {sign(report, self.sign_with)}")

    def _play(
        self,
        setup: "Setup",
        options: RunOptions,
        policies: "tuple[Contestant, Contestant]",
        folder: RunFolder,
        pairs: "Pairs",
        bar: "ProgressBar",
    ) -> None:
        from zprl_cli.experiment.in_process import play_pairs
        from zprl_cli.experiment.over_ros import play_over_ros

        a, b = policies
        with bar.phase("compare", self.test.max_pairs) as phase:

            def show() -> None:
                phase.update(len(pairs.complete))

            if self.ros:
                play_over_ros(options, a, b, folder.path, pairs, self.test, show)
                return
            robot = options.problem.robot()
            with contextlib.closing(robot):
                play_pairs(robot, a.policy(options), b.policy(options), pairs, setup.seed, self.test, show)

    def _options(self, run: RunFolder) -> RunOptions:
        """Return the options of the run with those of this comparison."""
        found = RunOptions()
        if run.read("config") is not None:
            found = as_it_was(load_options(run), run, note, task_may_differ=True)
        if not self.ros:
            return found
        mine, usual = self.options, RunOptions()
        changed = {key: x for key, x in vars(mine).items() if x != getattr(usual, key)}
        return replace(found, seed=self.seed, **changed)
