"""`zprl`: record demonstrations, pretrain, finetune, evaluate, or start a graph."""

# Each command imports what it needs when it runs, so that help and errors do not wait for torch or mujoco.

import signal
import sys
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import Mode
from zprl_bringup.graph.run_options import Command, RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_bringup.graph.spec import GraphError
from zprl_cli.closed_pipe import quiet_on_closed_pipe
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.lost_terminal import outlive_terminal
from zprl_cli.tasks import Tasks
from zprl_cli.up import Up
from zprl_core.config.command_line import Embedded, described_fields
from zprl_core.errors import CheckpointError, RecordError, remedy
from zprl_core.host.inherited_signals import heeded
from zprl_core.host.start_errors import REPORT, explain
from zprl_core.seeds import HELD_OUT


@dataclass(frozen=True)
class _Run:
    """Options that all commands of a run share."""

    options: Annotated[RunOptions, Embedded(Command.JOB)] = field(default_factory=RunOptions)
    name: Annotated[str | None, "name of the run's folder (default: TASK-seedSEED, or Id-seedSEED)"] = None
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")

    def __post_init__(self) -> None:
        self.options.check_job()

    def folder(self) -> RunFolder:
        return RunFolder(self.runs / (self.name or f"{self.options.title}-seed{self.options.seed}"))


@dataclass(frozen=True)
class Demos(_Run):
    """Record demonstrations with the scripted expert, which is imperfect like a human demonstrator."""

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar

        folder = self.folder()
        with folder.locked(), ProgressBar() as bar:
            job = Job(self.options, folder, bar)
            job.open()
            demos = job.recorded()
        print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps: {job.folder.demos}")


@dataclass(frozen=True)
class Pretrain(_Run):
    """Pretrain the flow-matching base and its bottleneck, after recording demonstrations if there are none."""

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar

        folder = self.folder()
        with folder.locked(), ProgressBar() as bar:
            job = Job(self.options, folder, bar)
            job.open()
            job.pretrained(job.recorded())
        print(f"base policy: {job.folder.base}")


@dataclass(frozen=True)
class Finetune(_Run):
    """Run the whole job: demonstrations, base, finetuning through ROS 2 nodes, evaluation, report.

    Ctrl-C stops it cleanly; run the same command again to resume, or pass the run's folder to --resume.
    """

    resume: Annotated[
        Path | None, "folder of a run to resume, with its own settings; a larger --env-steps extends it"
    ] = None

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar

        options, folder = (self.options, self.folder()) if self.resume is None else self.resumed(self.resume)
        with folder.locked(), ProgressBar() as bar:
            report = Job(options, folder, bar).run()
        print(report.summary())
        print(f"report: {folder.path / 'report.html'}")

    def resumed(self, path: Path) -> tuple[RunOptions, RunFolder]:
        """Load the run in that folder, extended if --env-steps asks for it. Raises ValueError for any other setting."""
        if replace(self.options, env_steps=None) != RunOptions() or self.name is not None:
            raise ValueError("--resume uses the run's own settings; with it only --env-steps may be given")
        folder = RunFolder(path)
        options = load_options(folder)
        if self.options.env_steps is None:
            return options, folder
        longer = replace(options, env_steps=self.options.env_steps)
        if longer.recipe.env_steps < options.recipe.env_steps:
            raise ValueError(f"the run has {options.recipe.env_steps} control steps; --env-steps can only be larger")
        if longer.recipe.env_steps > options.recipe.env_steps:
            folder.change(longer.saved, longer.numbers)
            folder.remove("evaluation_finetuned.json", "finetuned.gif", "report.json", "report.html")
        return longer, folder


@dataclass(frozen=True)
class Evaluate:
    """Evaluate a run's base or finetuned policy on held-out episodes, with the interval of its success rate."""

    name: Annotated[str, "name of the run's folder"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    base: Annotated[bool, "evaluate the frozen base alone"] = False
    episodes: Annotated[int, "number of episodes"] = 200
    first_seed: Annotated[int, "seed of the first reset; the following episodes count up from it"] = HELD_OUT

    def main(self) -> None:
        from zprl.training.finetune import make_policy
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar

        folder = RunFolder(self.runs / self.name)
        options = replace(load_options(folder), eval_episodes=self.episodes)
        with ProgressBar() as bar:
            job = Job(options, folder, bar)
            base = job.base()
            policy = make_policy(base, options.finetune, Mode.BASE, options.seed) if self.base else job.policy(base)
            result = job.evaluation("base" if self.base else "finetuned", policy, self.first_seed)
        print(f"{result.success}, seeds {self.first_seed} to {self.first_seed + self.episodes - 1}")


@dataclass(frozen=True)
class Export:
    """Copy a run's record into a new ROS 2 bag, also while its learner runs or after it was killed.

    The bag opens in rosbag2, rosbags, Foxglove and Rerun.
    """

    run: Annotated[Path, "folder of the run"]
    output: Annotated[Path | None, "folder of the new bag (default: bag, in the folder of the run)"] = None

    def main(self) -> None:
        from zprl.delivery.bag_export import export_bag

        output = self.output or self.run / "bag"
        count = export_bag(RunFolder(self.run).record, output)
        print(f"{count} messages: {output}")


COMMANDS = Annotated[
    Annotated[Demos, tyro.conf.subcommand("demos")]
    | Annotated[Pretrain, tyro.conf.subcommand("pretrain")]
    | Annotated[Finetune, tyro.conf.subcommand("finetune")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Up, tyro.conf.subcommand("up")]
    | Annotated[Tasks, tyro.conf.subcommand("tasks")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")],
    tyro.conf.ConsolidateSubcommandArgs,
]


FLAGS = (tyro.conf.OmitArgPrefixes, tyro.conf.EnumChoicesFromValues)


def main() -> None:
    """Entry point; errors that the user can fix print one line on stderr and exit with code 2."""
    for number in heeded(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    outlive_terminal()
    with quiet_on_closed_pipe():
        _run()


def _run() -> None:
    try:
        _command()
    except (CheckpointError, RunError, GraphError, RecordError, ValueError) as error:
        print(f"zprl: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        raise
    except OSError as error:
        known = explain(error)
        print(f"zprl: {known or f'{error}; {remedy(error)}, or choose another --runs folder'}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("zprl: stopped; run the same command again to resume", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        known = explain(error)
        if not known:
            traceback.print_exc()
        print(f"zprl: {known or REPORT}", file=sys.stderr)
        sys.exit(2 if known else 1)


def _command() -> None:
    try:
        command = tyro.cli(COMMANDS, prog="zprl", description=__doc__, config=FLAGS, registry=described_fields())
        command.main()
    finally:
        print(end="", flush=True)  # here its errors are reported, at the interpreter's end they are not


if __name__ == "__main__":
    main()
