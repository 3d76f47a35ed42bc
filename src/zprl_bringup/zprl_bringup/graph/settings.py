"""What a graph is built from."""

from dataclasses import dataclass, field
from pathlib import Path

from zprl.rl.config import FinetuneConfig, Mode
from zprl.rl.presets import CPU
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

    run: str
    run_folder: Path
    base: Path | None = None  # checkpoint folder; only sim_graph does without
    task: str = "lift"
    config: FinetuneConfig = CPU
    robots: int = 1
    lockstep: bool = True
    seed: int = 0
    mode: Mode | None = None  # of the policy; None: what the graph is for
    deployed: bool = True  # with the task's deployment mismatch
    max_update_debt: int = 200  # updates the learner may owe before the robots wait for it
    max_episodes: int = 0  # per robot; 0: no limit
    time_limit_s: float = 0.0  # of an episode; 0: the task's own
    cameras: tuple[str, ...] = ()
    actor: Path | None = None  # checkpoint folder to evaluate
    checkpoint_every_s: float = 60.0
    learner_nice: int = 10  # control goes before learning
    latency: Latency = Latency.IDEAL  # of the arm of robot `sim`
    robot: str = "sim"  # name of a Robot
    hostname: str = ""  # of a real arm; "": the station's
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
