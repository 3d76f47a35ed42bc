"""What a graph is built from."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from zprl.rl.config import FinetuneConfig, Mode
from zprl.rl.presets import CPU
from zprl_bringup.graph.station import Station
from zprl_core.latency import Latency
from zprl_core.seeds import HELD_OUT, TRAINING_SEEDS

ROBOT_SEEDS = 10  # seeds between two robots of one run
EVALUATION_SEED = HELD_OUT // TRAINING_SEEDS  # episode nodes with seeds from here on reset to held-out scenes


class RobotKind(str, Enum):
    """What moves."""

    SIM = "sim"  # MuJoCo, in one node
    MUJOCO = "mujoco"  # MuJoCo behind the arm node: guards, modes and teleoperation of a real arm
    FCI_SIM = "fci-sim"  # MuJoCo behind Franka's protocol, moved by the real driver
    FRANKY = "franky"  # a real arm


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
    robot: RobotKind = RobotKind.SIM
    hostname: str = ""  # of a real arm; "": the station's
    station: Station = field(default_factory=Station)  # of an arm behind the arm node

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("a run needs a name")
        if self.robot != RobotKind.SIM and (self.lockstep or self.robots > 1):
            raise ValueError(f"robot {self.robot.value} is one arm in real time: lockstep must be false and robots 1")
        if self.robot in (RobotKind.MUJOCO, RobotKind.FCI_SIM) and self.station.cameras:
            raise ValueError(f"robot {self.robot.value} has no cameras; leave them out of the station, or take franky")
        if self.cameras and self.robot != RobotKind.SIM:
            raise ValueError(
                f"cameras are those of robot sim, robot {self.robot.value} has none of them: leave cameras out "
                "(a real arm's are in its station)"
            )
        if self.hostname and self.robot != RobotKind.FRANKY:
            raise ValueError(
                f"hostname is the address of a real arm, robot {self.robot.value} has none: leave hostname out, or "
                "take franky"
            )
        if self.robots < 1 or self.seed < 0:
            raise ValueError(f"robots must be at least 1 and seed at least 0, got {self.robots} and {self.seed}")
        if self.seed + ROBOT_SEEDS * (self.robots - 1) >= EVALUATION_SEED:
            raise ValueError(
                f"seed + {ROBOT_SEEDS} (robots - 1) must stay below {EVALUATION_SEED}, "
                f"from where on resets are kept for evaluation; got seed {self.seed} and {self.robots} robots"
            )
        if min(self.max_update_debt, self.max_episodes, self.time_limit_s) < 0:
            raise ValueError("max_update_debt, max_episodes and time_limit_s must not be negative")
