"""What a graph is built from."""

from dataclasses import dataclass, field
from pathlib import Path

from zprl.rl.config import FinetuneConfig, Mode
from zprl.rl.presets import CPU
from zprl_bringup.graph.robots.catalog import robot_named
from zprl_bringup.graph.robots.robot import Robot
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.station import Station
from zprl_core.seeds import HELD_OUT, TRAINING_SEEDS

ROBOT_SEEDS = 10  # seeds between two robots of one run
EVALUATION_SEED = HELD_OUT // TRAINING_SEEDS  # episode nodes with seeds from here on reset to held-out scenes


@dataclass(frozen=True)
class GraphSettings:
    """The user's options, with what follows from them."""

    run: str  # name
    run_folder: Path  # for replay log and checkpoints; an existing run is resumed
    options: RunOptions = field(default_factory=RunOptions)  # with a base, but for sim_graph
    config: FinetuneConfig = CPU  # the options', the station's or the resumed run's
    station: Station = field(default_factory=Station)  # of an arm behind the arm node; as options.station says
    mode: Mode | None = None  # of the policy; None: what the graph is for
    checkpoint_every_s: float = 60.0  # wall time between checkpoints
    learner_nice: int = 10  # added to the learner's nice value, so that control goes first

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("a run needs a name")
        self.chosen_robot.check(self)
        seed, robots = self.options.seed, self.options.robots
        if seed + ROBOT_SEEDS * (robots - 1) >= EVALUATION_SEED:
            raise ValueError(
                f"seed + {ROBOT_SEEDS} (robots - 1) must stay below {EVALUATION_SEED}, "
                f"from where on resets are kept for evaluation; got seed {seed} and {robots} robots"
            )

    @property
    def chosen_robot(self) -> "Robot[GraphSettings]":
        """Raises ValueError when no package has a robot of this name, or it cannot be loaded."""
        return robot_named(self.options.robot)
