"""`zprl up`: starts a graph and leaves it running until Ctrl-C."""

import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.beside import beside
from zprl.checkpoints.origin import OriginError
from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import Mode
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph, sim_graph
from zprl_bringup.graph.ignored_options import check_ignored
from zprl_bringup.graph.network import Only
from zprl_bringup.graph.origin_check import check_run
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import SILENT_S, RunStatus
from zprl_cli.start_check import check_graph
from zprl_cli.tracking.beside import Beside
from zprl_core.config.command_line import Embedded
from zprl_core.errors import quoted

REAL_TIME = RunOptions(lockstep=False)


@dataclass(frozen=True)
class Up:
    """Start a graph and leave it running until Ctrl-C, by default in real time.

    Without --base: simulated robots alone. With --base: policy and learner too, which finetune. With --actor or
    --frozen: the finetuned policy or the base alone is evaluated on held-out resets, without a learner.
    """

    options: Annotated[RunOptions, Embedded(Command.UP, renamed=(("max_episodes", "episodes"),))] = REAL_TIME
    frozen: Annotated[bool, "evaluate the base alone"] = False
    name: Annotated[str | None, "name of the run's folder; by default the station's task, or up"] = None
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    beside: Annotated[
        bool,
        "if the run's folder belongs to another base, task or settings: use NAME-2, NAME-3 and so on, and leave it as "
        "it is",
    ] = False
    preset: Annotated[Preset | None, "hyperparameters of the learner; by default efficient, or the station's"] = None
    seconds: Annotated[float, "duration [s]; 0: until Ctrl-C"] = 0.0

    def main(self) -> None:
        """Run until Ctrl-C, and print a line of progress every few seconds."""
        settings = self.settings()
        if warning := preflight(settings):
            print(f"zprl: {warning}", file=sys.stderr)
        graph = self.graph(settings)
        check_graph(graph, settings.run_folder)
        with RunFolder(settings.run_folder).locked(), Beside(settings.run_folder):
            end = run_graph(graph, settings.run_folder, _Clock(self.seconds).over, _Line().show)
        if end.episodes_50:
            success = SuccessRate(end.successes_50, end.episodes_50)
            print(f"{_rate(end)} in the last {end.episodes_50} of {end.episodes} episodes: {success}")

    def graph(self, settings: GraphSettings) -> Graph:
        """Build the graph that these options select."""
        if self.options.actor is not None or self.frozen:
            return evaluate_graph(settings)
        return sim_graph(settings) if self.options.base is None else finetune_graph(settings)

    def settings(self) -> GraphSettings:
        """Combine these options with the station. Raises ValueError when they contradict each other."""
        options = self.options
        if self.frozen and (options.base is None or options.actor is not None):
            raise ValueError("--frozen evaluates the base alone; give --base, and remove --actor")
        if options.station is not None and self.preset is not None:
            raise ValueError(
                "--station has its own learning settings (finetune); remove --preset, or change the station"
            )
        self._check_used()
        station = Station() if options.station is None else load_station(options.station)
        if options.station is not None and options.base is not None:
            station.check_base(options.base)
        options = replace(options, preset=self.preset or Preset.EFFICIENT)
        name = self.name or _name_of(station)
        settings = GraphSettings(
            run=name,
            run_folder=self.runs / name,
            options=options,
            config=options.finetune if options.station is None else station.finetune,
            station=station,
            mode=Mode.BASE if self.frozen else None,
        )
        check_ignored(settings)
        return _beside(settings) if self.beside else settings

    def _check_used(self) -> None:
        """Raises ValueError for flags that would have no effect."""
        options = self.options
        if options.base is None and options.bags is not None:
            raise ValueError("--bags records the episodes of a policy; give --base, or remove it")
        if options.base is None and options.max_episodes:
            raise ValueError("--episodes needs a policy; give --base, or remove it (--seconds limits the time)")
        if options.base is None and (options.only is not None or options.first_robot):
            raise ValueError("--only and --first-robot are for a run that learns; give --base, or remove them")
        if options.only is not None and (options.actor is not None or self.frozen):
            raise ValueError("--only is for a run that learns, and an evaluation has no learner; remove it")
        if options.only == Only.LEARNER and (options.bags is not None or options.max_episodes):
            raise ValueError("--bags and --episodes are for robots; give them there, and remove them here")
        if self.preset is not None and (options.base is None or options.actor is not None or self.frozen):
            raise ValueError("--preset is for a learner, and this graph has none; remove it")


def _beside(settings: GraphSettings) -> GraphSettings:
    """Return the settings with the first run folder beside this one that is new, or fits."""

    def placed(folder: Path) -> GraphSettings:
        return replace(settings, run=folder.name, run_folder=folder)

    def fits(folder: Path) -> bool:
        try:
            check_run(placed(folder))
        except OriginError:
            return False
        return True

    return placed(beside(settings.run_folder, fits))


def _name_of(station: Station) -> str:
    """Name the run after its station, so that runs of two stations do not share a folder."""
    name = station.task or "up"
    if name == ".." or Path(name).name != name:
        raise ValueError(
            f"the station's task {quoted(name)!r} cannot be the name of a folder; give --name, or change task"
        )
    return name


@dataclass
class _Clock:
    seconds: float
    started: float = field(default_factory=time.monotonic)

    def over(self, now: RunStatus) -> bool:
        return self.seconds > 0 and time.monotonic() - self.started > self.seconds


def _rate(now: RunStatus) -> str:
    """Name the success rate: the episodes of a learning policy explore, and succeed less often or more."""
    return "exploring, success" if now.learner_seen else "success"


@dataclass
class _Line:
    """Prints one line of progress every few seconds."""

    every_s: float = 5.0
    last: float = 0.0
    rejected: int = 0  # transitions and weights that were refused before

    def show(self, now: RunStatus) -> None:
        if time.monotonic() - self.last < self.every_s:
            return
        self.last = time.monotonic()
        success = SuccessRate(now.successes_50, now.episodes_50)
        rate = f"{success.successes}/{success.episodes}" if success.episodes else "-"
        refused = f"  refused: {now.last_rejection}" if now.rejected > self.rejected else ""
        self.rejected = now.rejected
        held = f"  holding: {'; '.join(now.held)}" if now.held else ""
        silent = f"  learner silent for {now.learner_age_s:.0f} s" if now.learner_age_s > SILENT_S else ""
        print(
            f"steps {now.env_steps}  episodes {now.episodes}  {_rate(now)} {rate}  updates {now.updates}  "
            f"weights {now.weights_number}  lost ticks {now.lost_ticks}{silent}{refused}{held}",
            flush=True,
        )
        if now.prompt:
            print(f"  you: {now.prompt}", flush=True)
