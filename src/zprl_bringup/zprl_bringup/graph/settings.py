"""Settings from which a graph is built."""

from dataclasses import dataclass, field
from pathlib import Path

from zprl.checkpoints.actor_noise import actor_noise
from zprl.rl.config import BlindConfig, FinetuneConfig, Mode, NoiseConfig
from zprl.rl.presets import EFFICIENT
from zprl_bringup.graph.robots.catalog import robot_named
from zprl_bringup.graph.robots.robot import Robot
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.station import Station


@dataclass(frozen=True)
class GraphSettings:
    """The user's options, and the settings that follow from them."""

    run: str  # name of the run
    run_folder: Path  # folder for record and checkpoints; an existing run is resumed
    options: RunOptions = field(default_factory=RunOptions)  # with a base, except for sim_graph
    config: FinetuneConfig = EFFICIENT  # that of the options, the station or the resumed run
    station: Station = field(default_factory=Station)  # for an arm behind the arm node; loaded from options.station
    mode: Mode | None = None  # mode of the policy; None: the usual one of the graph
    blind: BlindConfig = field(default_factory=BlindConfig)  # the comparison in which the policy plays
    first_episode: int = 0  # its number, where no learner knows it
    checkpoint_every_s: float = 60.0  # wall time between checkpoints [s]
    resumed_task: str = ""  # task of the run that is resumed, perhaps on a real arm; "": a new run
    learner_nice: int = 10  # increment of the learner's nice value, so that control takes precedence

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("the name of the run is empty; give one")
        self.chosen_robot.check(self)

    @property
    def task(self) -> str:
        """Name of the task that the robot plays; "" for a real arm whose station does not name one."""
        if self.resumed_task:
            return self.resumed_task
        return self.station.task if self.chosen_robot.needs_operator else self.options.task

    @property
    def preset(self) -> str:
        """Name of the learning settings: that of the preset, or station."""
        return self.options.preset.value if self.config == self.options.finetune else "station"

    @property
    def flow_noise(self) -> NoiseConfig:
        """The noise that is asked for, or with which the actor was trained, or that of the learning settings.

        Raises CheckpointError or RecordError for a damaged actor.
        """
        options = self.options
        if options.noise is not None:
            return NoiseConfig(options.noise, options.noise_seed)
        return self.config.flow_noise if options.actor is None else actor_noise(options.actor.expanduser())

    @property
    def chosen_robot(self) -> "Robot[GraphSettings]":
        """The selected robot. Raises ValueError when no package has a robot of this name, or it cannot be loaded."""
        return robot_named(self.options.robot)
