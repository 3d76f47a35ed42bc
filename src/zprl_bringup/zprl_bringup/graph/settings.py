"""What a graph is built from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU
from zprl_bringup.graph.options import (
    ActorFolder,
    Base,
    Cameras,
    Deployed,
    Hostname,
    LatencyName,
    Lockstep,
    MaxEpisodes,
    MaxUpdateDebt,
    PolicyMode,
    RobotName,
    Robots,
    Seed,
    TaskName,
    TimeLimit,
)  # fmt: skip
from zprl_bringup.graph.robots.catalog import robot_named
from zprl_bringup.graph.robots.robot import Robot
from zprl_bringup.graph.station import Station
from zprl_core.latency import Latency
from zprl_core.seeds import HELD_OUT, TRAINING_SEEDS

ROBOT_SEEDS = 10  # seeds between two robots of one run
EVALUATION_SEED = HELD_OUT // TRAINING_SEEDS  # episode nodes with seeds from here on reset to held-out scenes


@dataclass(frozen=True)
class GraphSettings:
    """What a graph is built from."""

    run: Annotated[str, "name of the run"]
    run_folder: Annotated[Path, "folder for replay log and checkpoints; an existing run is resumed"]
    base: Base = None  # only sim_graph does without
    task: TaskName = "lift"
    config: FinetuneConfig = CPU
    robots: Robots = 1
    lockstep: Lockstep = True
    seed: Seed = 0
    mode: PolicyMode = None
    deployed: Deployed = True
    max_update_debt: MaxUpdateDebt = 200
    max_episodes: MaxEpisodes = 0
    time_limit_s: TimeLimit = 0.0
    cameras: Cameras = ()
    actor: ActorFolder = None
    checkpoint_every_s: Annotated[float, "wall time between checkpoints [s]"] = 60.0
    learner_nice: Annotated[int, "added to the learner's nice value, so that control goes first"] = 10
    latency: LatencyName = Latency.IDEAL
    robot: RobotName = "sim"
    hostname: Hostname = ""
    station: Station = field(default_factory=Station)  # of an arm behind the arm node

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("a run needs a name")
        self.chosen_robot.check(self)
        if self.robots < 1 or self.seed < 0:
            raise ValueError(f"robots must be at least 1 and seed at least 0, got {self.robots} and {self.seed}")
        if self.seed + ROBOT_SEEDS * (self.robots - 1) >= EVALUATION_SEED:
            raise ValueError(
                f"seed + {ROBOT_SEEDS} (robots - 1) must stay below {EVALUATION_SEED}, "
                f"from where on resets are kept for evaluation; got seed {self.seed} and {self.robots} robots"
            )
        if min(self.max_update_debt, self.max_episodes, self.time_limit_s) < 0:
            raise ValueError("max_update_debt, max_episodes and time_limit_s must not be negative")

    @property
    def chosen_robot(self) -> "Robot[GraphSettings]":
        """Raises ValueError when no package has a robot of this name, or it cannot be loaded."""
        return robot_named(self.robot)
