"""The parameters of the policy node."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl.inference.config import InferenceConfig
from zprl.rl.config import BlindConfig, ExplorationConfig, Mode, NoiseConfig, SteeringConfig
from zprl.rl.presets import EFFICIENT
from zprl_core.config.metadata import CONTROL_RATES, SEEDS, Range, check_ranges


@dataclass(frozen=True)
class PolicySettings:
    """The parameters of the policy node. Field names are parameter names."""

    base: Annotated[str, "folder of the frozen base policy's checkpoint; required"] = ""
    actor: Annotated[str, "folder of the actor checkpoint to start from; empty: none"] = ""
    run: Annotated[str, "name of the run; weights of other runs are refused"] = "run"
    task: Annotated[str, "name of the task, kept with the state folder; empty: unknown"] = ""
    robot: Annotated[str, "name of this robot in its transitions"] = "robot"
    mode: Annotated[str, "mode to start in: base, finetune, evaluate or hold"] = "base"
    lockstep: Annotated[bool, "true: answer every state exactly once; false: tick at control_rate in real time"] = False
    control_rate: Annotated[float, "control steps per second in real time [Hz]", CONTROL_RATES] = 20.0
    stale_s: Annotated[
        float,
        "age of a stream beyond which no command is sent, in real time [s]; 0: as in the base's spec",
        Range(0, 10),
    ] = 0.0
    camera_moved_px: Annotated[
        float,
        "shift of a camera's image by another lens or mount than the base's above which the node warns "
        "[px of the base's images]",
        Range(0, 1000, above=True),
    ] = 4.0
    state_folder: Annotated[
        str, "folder of this robot's journal and weights; empty: none, and no transitions are sent"
    ] = ""
    journal_limit_mb: Annotated[
        float, "size of the journal at which the robot waits for the learner [MB]", Range(0, 1e6, above=True)
    ] = 512.0
    seed: Annotated[int, "seed of latents, noise, residuals and exploration", SEEDS] = 0
    discount: Annotated[float, "discount of the reward per control step; must equal the learner's", Range(0, 1)] = 0.99
    inference: InferenceConfig = field(default_factory=InferenceConfig)
    flow_noise: NoiseConfig = EFFICIENT.flow_noise
    steering: SteeringConfig = EFFICIENT.steering
    exploration: ExplorationConfig = EFFICIENT.exploration
    blind: BlindConfig = field(default_factory=BlindConfig)

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.blind.compares and (not self.actor or self.mode != "evaluate"):
            raise ValueError(
                "a blind comparison (blind.seed) needs mode evaluate and actor; give both, or set it to -1"
            )

    @property
    def journal_limit_bytes(self) -> int:
        return int(self.journal_limit_mb * 1e6)

    @property
    def start_mode(self) -> Mode:
        """The mode to start in. Raises ValueError listing the choices."""
        try:
            return Mode[self.mode.upper()]
        except KeyError:
            raise ValueError(
                f"mode is {self.mode!r}; choose one of {', '.join(m.name.lower() for m in Mode)}"
            ) from None
