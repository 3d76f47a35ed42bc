"""`zprl up`: start a graph and leave it running until Ctrl-C."""

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from zprl.rl.config import Mode, Steer
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph, sim_graph
from zprl_bringup.graph.options import (
    ActorFolder,
    Base,
    Cameras,
    Hostname,
    LatencyName,
    Lockstep,
    MaxEpisodes,
    Preset,
    RobotName,
    Robots,
    Seed,
    StationFile,
    TaskName,
)  # fmt: skip
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.run_options import finetune_config
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_core.errors import quoted
from zprl_core.latency import Latency


@dataclass(frozen=True)
class Up:
    """Start a graph and leave it running until Ctrl-C. It runs in real time unless told otherwise.

    Without --base: simulated robots alone. With --base: policy and learner too. With --actor or --frozen: the
    finetuned policy or the base alone, evaluated on held-out resets, and nothing learns.
    """

    task: TaskName = "lift"
    base: Base = None
    actor: ActorFolder = None
    frozen: Annotated[bool, "evaluate the base alone"] = False
    name: Annotated[str | None, "name of the run's folder; by default the station's task, or up"] = None
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    preset: Annotated[Preset | None, "numbers of the learner; by default cpu, or the station's"] = None
    robots: Robots = 1
    robot: RobotName = "sim"
    station: StationFile = None
    hostname: Hostname = ""
    episodes: MaxEpisodes = 0
    seed: Seed = 0
    latency: LatencyName = Latency.IDEAL
    lockstep: Lockstep = False
    cameras: Cameras = ()
    seconds: Annotated[float, "stop after this long [s]; 0: at Ctrl-C"] = 0.0

    def main(self) -> None:
        """Run until Ctrl-C, with a line of progress now and then."""
        settings = self.settings()
        if word := preflight(settings):
            print(f"zprl: {word}", file=sys.stderr)
        end = run_graph(self.graph(settings), settings.run_folder, _Clock(self.seconds).over, _Line().show)
        if end.episodes_50:
            success = SuccessRate(end.successes_50, end.episodes_50)
            print(f"success in the last {end.episodes_50} of {end.episodes} episodes: {success}")

    def graph(self, settings: GraphSettings) -> Graph:
        """What these options ask for."""
        if self.actor is not None or self.frozen:
            return evaluate_graph(settings)
        return sim_graph(settings) if self.base is None else finetune_graph(settings)

    def settings(self) -> GraphSettings:
        """These options, and the station's. Raises ValueError when they contradict each other."""
        if self.frozen and (self.base is None or self.actor is not None):
            raise ValueError("--frozen plays the base alone: give --base, and no --actor")
        if self.station is not None and self.preset is not None:
            raise ValueError("--station says itself how to learn (finetune): drop --preset, or change the station")
        station = Station() if self.station is None else load_station(self.station)
        if self.station is not None and self.base is not None:
            station.check_base(self.base)
        preset = self.preset or Preset.CPU
        name = self.name or _name_of(station)
        return GraphSettings(
            run=name,
            run_folder=self.runs / name,
            base=self.base,
            actor=self.actor,
            task=self.task,
            config=station.finetune if self.station else finetune_config(self.task, preset, Steer.LATENT),
            robots=self.robots,
            seed=self.seed,
            lockstep=self.lockstep,
            latency=self.latency,
            cameras=self.cameras,
            robot=self.robot,
            hostname=self.hostname,
            station=station,
            max_episodes=self.episodes,
            mode=Mode.BASE if self.frozen else None,
        )


def _name_of(station: Station) -> str:
    """Of the run, when nobody has named it: what another station learns must not go on in the same folder."""
    name = station.task or "up"
    if name == ".." or Path(name).name != name:
        raise ValueError(f"the station's task {quoted(name)!r} cannot name a folder: give --name, or change task")
    return name


@dataclass
class _Clock:
    seconds: float
    started: float = field(default_factory=time.monotonic)

    def over(self, now: RunStatus) -> bool:
        return self.seconds > 0 and time.monotonic() - self.started > self.seconds


@dataclass
class _Line:
    """One line of progress every few seconds."""

    every_s: float = 5.0
    last: float = 0.0

    def show(self, now: RunStatus) -> None:
        if time.monotonic() - self.last < self.every_s:
            return
        self.last = time.monotonic()
        success = SuccessRate(now.successes_50, now.episodes_50)
        rate = f"{success.successes}/{success.episodes}" if success.episodes else "-"
        held = f"  holding: {'; '.join(now.held)}" if now.held else ""
        print(
            f"steps {now.env_steps}  episodes {now.episodes}  success {rate}  updates {now.updates}  "
            f"weights {now.weights_number}  lost ticks {now.lost_ticks}{held}",
            flush=True,
        )
        if now.prompt:
            print(f"  you: {now.prompt}", flush=True)
