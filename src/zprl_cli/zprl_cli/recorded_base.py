"""Pretrains a base on demonstrations that were recorded elsewhere, for a task with or without a scene to simulate."""

import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from zprl.checkpoints.backbone_file import backbone_in
from zprl.checkpoints.base_demos import add_demos
from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.metadata import has_demos
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.training.accelerator import accelerator
from zprl.training.action_error import PhaseError, action_errors
from zprl.training.demos import Demos
from zprl.training.embed_demos import embedded
from zprl.training.minimize import Progress, no_progress
from zprl.training.pretrain import pretrain
from zprl.training.workers import ALONE, Workers
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.specs import installed_task
from zprl_bringup.graph.station import Chunk, Station, load_station
from zprl_cli.listing import print_table
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.run_command import note
from zprl_core.config.flatten import flatten
from zprl_core.errors import quoted
from zprl_sim.tasks.recipe import Recipe

TENTH = 0.1  # of the episodes, which a base without a scene is not trained on
FEW = 3  # episodes, from which on one is held out


@dataclass(frozen=True)
class RecordedBase:
    """A base made from the demonstrations in a folder, as `Demos.save` writes them."""

    source: Path
    demos: Demos
    options: RunOptions = dataclasses.field(default_factory=RunOptions)  # networks of the base, and the seed
    station: Station | None = None  # its chunk sizes and control rate are those of the base
    usual: Recipe = dataclasses.field(default_factory=Recipe)  # for demonstrations without images
    bags: str = ""  # which bags the demonstrations are from; "" if from none
    latency: str = ""  # of the arm that they were recorded on; "" if unknown
    succeeded: bool = True  # every demonstration is a success, so that a learner may replay them as such
    held_out: float | None = None  # share of the episodes to compare actions with; None: a tenth without a scene
    workers: Workers = ALONE  # processes that pretrain

    def __post_init__(self) -> None:
        torch.set_num_threads(1)  # beside another program more threads are far slower, as they wait for each other
        name, rate = self.demos.task, self.demos.action.rate_hz
        if not name or name == ".." or Path(name).name != name:
            raise ValueError(f"the demonstrations' task {quoted(name)!r} cannot be the name of a folder; rename it")
        if self.station is not None and self.station.control_rate != rate:
            raise ValueError(
                f"the demonstrations in {self.source} have {rate:g} control steps per second, the station's "
                f"control_rate is {self.station.control_rate:g}; use a station of {rate:g} Hz, or record "
                f"demonstrations at {self.station.control_rate:g} Hz"
            )

    @property
    def recipe(self) -> Recipe:
        """The recipe with the pretraining that these observations need."""
        return self.usual.seeing() if self.demos.observation.images else self.usual

    @property
    def sizes(self) -> BaseConfig:
        """Specs of the demonstrations, and chunk sizes of the station, or else those of a recipe."""
        usual = Chunk(self.recipe.horizon, self.recipe.n_action_steps)
        chunk = usual if self.station is None else self.station.chunk
        networks = self.options.vision, self.options.head
        base = self.recipe.base(self.demos.observation, self.demos.action, *networks)
        return replace(base, horizon=chunk.horizon, n_action_steps=chunk.n_action_steps)

    def make(self, folder: RunFolder, bar: ProgressBar) -> None:
        """Pretrain the base into a run folder, unless it is there. Raises RunError for a run of other settings."""
        config, demos = self.recipe.pretrain, self.demos
        seed, backbone = self.options.seed, self.options.backbone
        settings = {"task": demos.task, "seed": seed, "demonstrations": str(self.source.absolute())}
        if backbone is not None:
            settings["backbone"] = backbone
        if self.bags:
            settings["bags"] = self.bags
        if self.held_out is not None:
            settings["held_out"] = self.held_out
        sizes = {f"base.{name}": value for name, value in self.sizes.to_json().items()}
        folder.open(settings, {**flatten(config, "recipe.pretrain."), **sizes})
        self._keep_demos(folder)
        if (folder.base / "checkpoint.json").exists():
            if self.succeeded and not has_demos(folder.base):  # of an earlier version
                add_demos(folder.base, embedded(load_base(folder.base), self._split()[0]))
            return
        with folder.timed("pretrain"), bar.phase("pretrain", config.steps) as phase:
            seen, unseen = self._split()
            base = self._pretrained(seen, phase.training(config.batch))
            metadata = {"task": demos.task, "seed": seed, "control_rate": demos.action.rate_hz}
            metadata["demos"] = demos.fingerprint
            if self.latency:
                metadata["pace"] = self.latency
            if unseen is not None:  # before the base, with which the run counts as finished
                show_errors(folder, action_errors(base, unseen), len(unseen.episode_ends), len(demos.episode_ends))
            metadata["pretrain"] = dataclasses.asdict(config)
            replayed = embedded(base, seen) if self.succeeded else None
            save_base(folder.base, base, demos.cameras, replayed, **metadata)

    def compute_along(self) -> None:
        """Pretrain together with the command that keeps the base. Writes nothing."""
        self._pretrained(self._split()[0], no_progress)

    def _pretrained(self, demos: Demos, show: Progress) -> BasePolicy:
        config, options = self.recipe.pretrain, self.options
        fabric = accelerator(demos.observation.images != (), self.workers, note)
        return pretrain(demos, self.sizes, config, options.seed, show, fabric, backbone_in(options.backbone))

    def _split(self) -> tuple[Demos, Demos | None]:
        """Return the demonstrations to train on, and those to compare actions with, if any."""
        count = len(self.demos.episode_ends)
        share = self.held_out
        if share is None:
            demos = self.demos
            share = TENTH if installed_task(demos.task, demos.observation, demos.action) is None else 0.0
        few = count < (FEW if self.held_out is None else 2)
        held_out = 0 if few or share == 0.0 else min(max(1, round(share * count)), count - 1)
        return self.demos.split(held_out) if held_out > 0 else (self.demos, None)

    def _keep_demos(self, folder: RunFolder) -> None:
        """Copy the demonstrations into the run. Raises RunError if it was made from others."""
        if not (folder.demos / "demos.json").exists():
            self.demos.save(folder.demos)
            return
        kept, now = Demos.load(folder.demos), self.demos
        if kept.fingerprint != now.fingerprint:
            raise RunError(
                f"{folder.path} was made from {len(kept.episode_ends)} demonstrations, {self.source} now has "
                f"{len(now.episode_ends)} that differ; give another --name for a base of these"
            )


def show_errors(folder: RunFolder, errors: tuple[PhaseError, ...], unseen: int, total: int) -> None:
    """Keep the errors in the run, and print them."""
    folder.write("action_error", {"episodes": unseen, "of": total, "phases": [dataclasses.asdict(e) for e in errors]})
    print(f"actions on {unseen} of {total} episodes, which the base was not trained on (1: the fastest action):")
    rows = [(e.phase, str(e.steps), f"{e.motion:.3f}", f"{e.demonstrated:.3f}", _percent(e.gripper)) for e in errors]
    print_table(("phase", "steps", "error", "without motion", "gripper wrong"), rows)


def _percent(share: float) -> str:
    return "-" if share != share else f"{100 * share:.1f} %"


def check_used(options: RunOptions, given: str) -> None:
    """Raises ValueError for options that have no effect with `given`, and CheckpointError for an unusable backbone."""
    if replace(options, seed=0, vision=RunOptions.vision, backbone=None, head=RunOptions.head) != RunOptions():
        raise ValueError(
            f"with {given} only --seed, --vision, --backbone, --head, --station, --held-out, --devices, --nodes, "
            "--name and --runs are used; remove the others"
        )
    backbone_in(options.backbone)  # reading the demonstrations may take long


def recorded_base(
    source: Path, station: Path | None, options: RunOptions, held_out: float | None = None, workers: Workers = ALONE
) -> RecordedBase:
    """Return the base of the demonstrations in `source`.

    Raises ValueError for options that would have no effect, and CheckpointError for an unusable backbone.
    """
    check_used(options, "--demos FOLDER")
    chosen = None if station is None else load_station(station)
    return RecordedBase(source, Demos.load(source), options, chosen, held_out=held_out, workers=workers)


def pretrain_recorded(base: RecordedBase, runs: Path, name: str | None, bar: ProgressBar) -> RunFolder:
    """Pretrain a base, and return its run folder."""
    folder = RunFolder(runs / (name or f"{base.demos.task}-seed{base.options.seed}"))
    with folder.locked():
        base.make(folder, bar)
    return folder
