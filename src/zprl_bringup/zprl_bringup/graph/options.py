"""What the user may choose for a graph, each described once: for zprl up, zprl finetune and the launch arguments."""

from enum import Enum
from pathlib import Path
from typing import Annotated

from zprl.rl.config import FinetuneConfig, Mode, Steer
from zprl.rl.presets import CPU, FAST, PAPER_V1
from zprl_core.config.metadata import SEEDS, Range
from zprl_core.latency import Latency


class Preset(str, Enum):
    """Which numbers online finetuning takes."""

    CPU = "cpu"
    FAST = "fast"
    PAPER_V1 = "paper_v1"

    @property
    def config(self) -> FinetuneConfig:
        return {Preset.CPU: CPU, Preset.FAST: FAST, Preset.PAPER_V1: PAPER_V1}[self]


TaskName = Annotated[str, "task of the simulated robot; zprl tasks lists them"]
Seed = Annotated[int, "seed of demonstrations, resets, exploration and learning", SEEDS]
PresetName = Annotated[
    Preset,
    "numbers of online finetuning. cpu: two cores; fast: ten critics, five updates a chunk; paper_v1: published first",
]
SteerName = Annotated[Steer, "what the residual is added to: latent, action, noise or nothing"]
Robots = Annotated[int, "simulated robots; more than one get the namespaces robot_1, robot_2 and so on", Range(1, 1000)]
LatencyName = Annotated[Latency, "delay of the arm of robot sim. ideal: it follows at once; real: as a real arm"]
RobotName = Annotated[
    str,
    "robot that moves. sim: MuJoCo; mujoco: behind the arm node; fci-sim: behind Franka's protocol and driver; "
    "franky: a real arm; or one of another package. All but sim move in real time, without lockstep",
]
StationFile = Annotated[
    Path | None,
    "file of a station (arm, cameras, limits, rates, learning), or the name of an example in config/stations",
]
Hostname = Annotated[str, "address of a real arm; empty: the station's"]
Lockstep = Annotated[bool, "true: as fast as policy and physics go, no step skipped; false: real time"]
Deployed = Annotated[bool, "true: with the task's deployment mismatch; false: as in the demonstrations"]
Cameras = Annotated[tuple[str, ...], "cameras of robot sim to publish: front, wrist"]
Base = Annotated[Path | None, "checkpoint folder of the frozen base policy, as zprl pretrain makes it"]
ActorFolder = Annotated[Path | None, "checkpoint folder of the finetuned actor"]
PolicyMode = Annotated[Mode | None, "mode of the policy; empty: what the graph is for"]
MaxEpisodes = Annotated[int, "episodes of each robot after which the graph ends; 0: it does not"]
TimeLimit = Annotated[float, "time limit of an episode [s]; 0: the task's or station's own", Range(0, 1e9)]
MaxUpdateDebt = Annotated[int, "owed updates of the learner above which the next reset waits; 0: it never waits"]
