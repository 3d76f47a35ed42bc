"""Parameters of the learner node."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl.delivery.reliability_test import HIGHEST_RATE, UNTIL
from zprl.rl.config import LearnerConfig, NoiseConfig, SteeringConfig, check_demo_share
from zprl.rl.presets import EFFICIENT
from zprl_core.config.metadata import SEEDS, Range, check_ranges


@dataclass(frozen=True)
class LearnerSettings:
    """Field names are parameter names."""

    base: Annotated[str, "folder of the frozen base policy's checkpoint; must be given"] = ""
    run: Annotated[str, "name of the run; transitions of other runs are refused"] = "run"
    run_folder: Annotated[str, "folder of replay log, checkpoints and metrics; an existing run is resumed"] = "runs/run"
    task: Annotated[str, "name of the task, kept with the record; empty: unknown"] = ""
    preset: Annotated[str, "name of the learning settings, kept with the record; empty: unknown"] = ""
    seed: Annotated[int, "seed of initial weights and of replay batches", SEEDS] = 0
    checkpoint_every_s: Annotated[float, "wall time between checkpoints [s]", Range(0, 86400, above=True)] = 60.0
    nice: Annotated[int, "added to the process' nice value, so that control goes first", Range(0, 19)] = 5
    publish_every: Annotated[int, "updates from one publication of actor weights to the next", Range(1, 1_000_000)] = (
        EFFICIENT.publish_every
    )
    until: Annotated[
        float,
        "success rate of the episodes that is tested, and reported once shown; 0: none",
        Range(0, HIGHEST_RATE),
    ] = UNTIL
    compiled: Annotated[bool, "true: compile the updates, which takes a minute once on a machine"] = False
    learner: LearnerConfig = field(default_factory=lambda: EFFICIENT.learner)
    steering: SteeringConfig = field(default_factory=lambda: EFFICIENT.steering)
    flow_noise: NoiseConfig = EFFICIENT.flow_noise

    def __post_init__(self) -> None:
        check_ranges(self)
        check_demo_share(self.learner, self.steering)
