"""`zprl`: record demonstrations, pretrain, finetune, evaluate, or start a graph.

zprl --version shows the versions of zprl and what it uses; zprl --tyro-print-completion bash prints a script for tab
completion (also zsh, fish).
"""

# Each command imports what it needs when it runs, so that help and errors do not wait for torch or mujoco.

import signal
import sys
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.origin import OriginError
from zprl.checkpoints.run_folder import RunError, RunFolder, SettingsError, versions
from zprl.rl.config import FlowNoise
from zprl_bringup.graph.kept_numbers import Numbers, as_it_was, settled
from zprl_bringup.graph.run_options import Command, RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_bringup.graph.spec import GraphError
from zprl_cli.bag import Bag
from zprl_cli.beside_command import beside_command
from zprl_cli.closed_pipe import quiet_on_closed_pipe
from zprl_cli.compare import Compare
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.export import Export
from zprl_cli.lost_terminal import outlive_terminal
from zprl_cli.runs import Runs
from zprl_cli.shared_base import options_for
from zprl_cli.stations import Stations
from zprl_cli.tasks import Tasks
from zprl_cli.up import Up
from zprl_core.config.command_line import Embedded, described_fields
from zprl_core.config.metadata import Range, check_ranges
from zprl_core.errors import CheckpointError, RecordError, remedy
from zprl_core.host.inherited_signals import heeded
from zprl_core.host.start_errors import REPORT, explain
from zprl_core.latency import Latency
from zprl_core.seeds import HELD_OUT, is_held_out

FOR_A_REAL_ARM = "this base is for an arm without lag; for a real arm make one with --latency real and another --name"


@dataclass(frozen=True)
class _Run:
    """Options that all commands of a run share."""

    options: Annotated[RunOptions, Embedded(Command.JOB)] = field(default_factory=RunOptions)
    name: Annotated[str | None, "name of the run's folder (default: TASK-seedSEED, or Id-seedSEED)"] = None
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    numbers: Annotated[
        Numbers,
        "numbers of a run of another release, which derived others from the same settings. then: as it was; now: as "
        "it is now",
    ] = Numbers.THEN

    def settled(self, options: RunOptions, folder: RunFolder) -> RunOptions:
        """Return the options with which the run in that folder continues, and print what differs."""
        return settled(options, folder, self.numbers, _note)

    def folder(self) -> RunFolder:
        return RunFolder(self.runs / (self.name or f"{self.options.title}-seed{self.options.seed}"))


@dataclass(frozen=True)
class Demos(_Run):
    """Record demonstrations with the scripted expert, which is imperfect like a human demonstrator."""

    options: Annotated[RunOptions, Embedded(Command.DEMOS)] = field(default_factory=RunOptions)

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_start

        folder = self.folder()
        check_start(self.options, folder, finetunes=False)
        with folder.locked(), ProgressBar() as bar:
            job = Job(self.settled(self.options, folder), folder, bar)
            job.open()
            demos = job.recorded()
        print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps: {job.folder.demos}")


@dataclass(frozen=True)
class Pretrain(_Run):
    """Pretrain the flow-matching base and its bottleneck, after recording demonstrations if there are none.

    With --demos FOLDER the task needs no scene: the base is made from the demonstrations in that folder.
    """

    options: Annotated[RunOptions, Embedded(Command.PRETRAIN)] = field(default_factory=RunOptions)
    demos: Annotated[
        int | Path | None,
        "demonstrations to record, by default those of the task's recipe; or a folder of demonstrations to use",
    ] = None
    station: Annotated[Path | None, "with --demos FOLDER: station whose chunk sizes and control rate the base has"] = (
        None
    )

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.recorded_base import pretrain_recorded
        from zprl_cli.start_check import check_start

        with ProgressBar() as bar:
            if isinstance(self.demos, Path):
                folder = pretrain_recorded(self.demos, self.station, self.options, self.runs, self.name, bar)
            else:
                folder = self.folder()
                if self.station is not None:
                    raise ValueError("--station is for --demos FOLDER; remove it")
                options = replace(self.options, demos=self.demos)
                check_start(options, folder, finetunes=False)
                with folder.locked():
                    job = Job(self.settled(options, folder), folder, bar)
                    job.open()
                    job.prepared()
        print(f"base policy: {folder.base}")


@dataclass(frozen=True)
class Finetune(_Run):
    """Run the whole job: demonstrations, base, finetuning through ROS 2 nodes, evaluation, report.

    Ctrl-C stops it cleanly; run the same command again to resume, or pass the run's folder to --resume. A base for a
    real arm needs --latency real, as a real arm lags.
    """

    resume: Annotated[
        Path | None, "folder of a run to resume, with its own settings; a larger --env-steps extends it"
    ] = None
    base: Annotated[
        str | None, "run, as a path or a name, whose base is finetuned here (default folder: TASK-STEER-seedSEED)"
    ] = None
    interim_episodes: Annotated[
        int,
        "held-out episodes of each interim evaluation, beside finetuning and without exploration; 0: none",
        Range(0, 10_000),
    ] = 20
    interim_every: Annotated[
        int,
        "control steps from one interim evaluation to the next; they use the checkpoints, one a minute",
        Range(1, 1e9),
    ] = 20_000

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.interim.schedule import InterimSettings
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_start

        source = None
        if self.resume is not None:
            options, folder = self.resumed(self.resume)
        elif self.base is not None:
            source = find_run(self.base, self.runs)
            options, folder = self.sharing(source)
        else:
            options, folder = self.options, self.folder()
        check_start(options, folder, pretrains=source is None)
        with folder.locked(), ProgressBar() as bar:
            interim = InterimSettings(self.interim_episodes, self.interim_every)
            options = self.extended(self.settled(options, folder))
            report = Job(options, folder, bar, source, interim).run()
        print(report.summary())
        if options.latency == Latency.IDEAL and options.env is None:
            print(FOR_A_REAL_ARM)
        print(f"report: {folder.path / 'report.html'}")

    def sharing(self, source: RunFolder) -> tuple[RunOptions, RunFolder]:
        """Return options and folder of a run that finetunes the base of `source`."""
        options = options_for(self.options, source)
        folder = RunFolder(self.runs / (self.name or f"{options.title}-{options.steer.value}-seed{options.seed}"))
        if folder.path.absolute() == source.path.absolute():
            raise ValueError(f"{source.path} is the run that --base names; give another --name, or remove --base")
        return options, folder

    def resumed(self, path: Path) -> tuple[RunOptions, RunFolder]:
        """Load the run in that folder. Raises ValueError for any other setting than --env-steps."""
        given = self.name, self.base
        if replace(self.options, env_steps=None) != RunOptions() or given != (None, None):
            raise ValueError("--resume uses the run's own settings; with it only --env-steps may be given")
        folder = RunFolder(path)
        return load_options(folder), folder

    def extended(self, options: RunOptions) -> RunOptions:
        """Return the options of a resumed run with --env-steps, if given. Raises ValueError when the run has more."""
        if self.resume is None or self.options.env_steps is None:
            return options
        longer, steps = replace(options, env_steps=self.options.env_steps), options.recipe.env_steps
        if longer.recipe.env_steps < steps:
            raise ValueError(f"the run has {steps} control steps; --env-steps can only be larger")
        return longer


@dataclass(frozen=True)
class Evaluate:
    """Evaluate a run's base or finetuned policy on held-out episodes, and keep the result in its folder evaluations."""

    run: Annotated[tyro.conf.Positional[str], "run, as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    base: Annotated[bool, "evaluate the frozen base alone"] = False
    episodes: Annotated[int, "number of episodes", Range(1, 1_000_000)] = 200
    first_seed: Annotated[
        int, "first reset; the following episodes count up from it. Held-out are 1000000 to 1999999", Range(0, 2**62)
    ] = HELD_OUT
    noise: Annotated[FlowNoise | None, "noise at which the flow starts; by default the run's"] = None
    noise_seed: Annotated[int | None, "seed of fixed noise; by default the run's"] = None

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_results

        folder = find_run(self.run, self.runs)
        check_results(folder)
        with ProgressBar() as bar:
            job = Job(self.options(folder), folder, bar)
            base, name = job.base(), "base" if self.base else "finetuned"
            result = job.evaluation(name, job.base_policy(base) if self.base else job.policy(base), self.first_seed)
            job.keep(name, result)
        last = self.first_seed + self.episodes - 1
        note = "" if is_held_out(self.first_seed) and is_held_out(last) else "; not all of them are held-out"
        print(f"{result.success}, seeds {self.first_seed} to {last}{note}")

    def options(self, folder: RunFolder) -> RunOptions:
        """Return the options of the run with those of this evaluation."""
        found = as_it_was(load_options(folder), folder, _note, task_may_differ=True)
        return replace(
            found,
            eval_episodes=self.episodes,
            noise=found.noise if self.noise is None else self.noise,
            noise_seed=found.noise_seed if self.noise_seed is None else self.noise_seed,
        )


COMMANDS = Annotated[
    Annotated[Demos, tyro.conf.subcommand("demos")]
    | Annotated[Pretrain, tyro.conf.subcommand("pretrain")]
    | Annotated[Finetune, tyro.conf.subcommand("finetune")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Bag, tyro.conf.subcommand("bag")]
    | Annotated[Compare, tyro.conf.subcommand("report")]
    | Annotated[Up, tyro.conf.subcommand("up")]
    | Annotated[Tasks, tyro.conf.subcommand("tasks")]
    | Annotated[Stations, tyro.conf.subcommand("stations")]
    | Annotated[Runs, tyro.conf.subcommand("runs")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")],
    tyro.conf.ConsolidateSubcommandArgs,
]


VERSION = sys.version.split()[0]


def _note(text: str) -> None:
    print(f"zprl: {text}", file=sys.stderr)


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
    except (OriginError, SettingsError) as error:
        print(f"zprl: {error}", file=sys.stderr)
        if error.run is not None and (command := beside_command(sys.argv[1:], error.run)):
            print(f"zprl: for a new run beside it, which leaves it as it is: {command}", file=sys.stderr)
        sys.exit(2)
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
        if sys.argv[1:] == ["--version"]:
            print(", ".join(f"{name} {number}" for name, number in {**versions(), "Python": VERSION}.items()))
            return
        command = tyro.cli(COMMANDS, prog="zprl", description=__doc__, config=FLAGS, registry=described_fields())
        command.main()
    finally:
        print(end="", flush=True)  # here its errors are reported, at the interpreter's end they are not


if __name__ == "__main__":
    main()
