"""`zprl finetune`: the whole job."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.run_command import Devices, RunCommand, checked_workers
from zprl_cli.shared_base import options_for
from zprl_core.config.metadata import Range, check_ranges
from zprl_core.latency import Latency

FOR_A_REAL_ARM = "this base is for an arm without lag; for a real arm make one with --latency real and another --name"


@dataclass(frozen=True)
class Finetune(RunCommand):
    """Run the whole job: demonstrations, base, finetuning through ROS 2 nodes, evaluation, report.

    Ctrl-C stops it cleanly; run the same command again to resume, or pass the run's folder to --resume. A base for a
    real arm needs --latency real, as a real arm lags.
    """

    resume: Annotated[
        Path | None,
        "folder of a run to resume, with its own settings; a larger --env-steps, or another --until, extends it",
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
    ] = 8_000

    devices: Devices = None

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.interim.schedule import InterimSettings
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_start
        from zprl_cli.tracking.beside import Beside

        if self.devices is not None and self.base is not None:
            raise ValueError("--devices is for pretraining, and --base names a base that is there; remove one of them")
        workers, source = checked_workers(self.devices), None
        if self.resume is not None:
            options, folder = self.resumed(self.resume)
        elif self.base is not None:
            source = find_run(self.base, self.runs)
            options, folder = self.sharing(source)
        else:
            options, folder = self.options, self.folder()
        check_start(options, folder, base_of=source)
        with folder.locked(), Beside(folder.path), ProgressBar() as bar:
            interim = InterimSettings(self.interim_episodes, self.interim_every)
            options = self.extended(self.settled(options, folder))
            report = Job(options, folder, bar, source, interim, workers).run()
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
        """Load the run in that folder. Raises ValueError for any other setting than --env-steps and --until."""
        given = self.name, self.base
        if replace(self.options, env_steps=None, until=None) != RunOptions() or given != (None, None):
            raise ValueError("--resume uses the run's own settings; with it only --env-steps and --until may be given")
        folder = RunFolder(path)
        return load_options(folder), folder

    def extended(self, options: RunOptions) -> RunOptions:
        """Return the options of a resumed run with --env-steps and --until, if given.

        Raises ValueError when the run has more control steps.
        """
        if self.resume is None:
            return options
        if self.options.until is not None:
            options = replace(options, until=self.options.until)
        if self.options.env_steps is None:
            return options
        longer, steps = replace(options, env_steps=self.options.env_steps), options.recipe.env_steps
        if longer.recipe.env_steps < steps:
            raise ValueError(f"the run has {steps} control steps; --env-steps can only be larger")
        return longer
