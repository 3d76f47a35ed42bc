"""The graphs that there are: robots with policy and episode node, the learner that hears all of them."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from zprl.evaluate import HELD_OUT
from zprl.finetune import TRAINING_SEEDS
from zprl.flat import flatten
from zprl.pilot import Mode
from zprl.presets import CPU, FinetuneConfig
from zprl.run_folder import RunFolder
from zprl_bringup.graph import Graph, GraphError, NodeSpec, Parameter
from zprl_bringup.places import config_file

ROBOT_SEEDS = 10  # seeds between two robots of one run
EVALUATION_SEED = HELD_OUT // TRAINING_SEEDS  # episode nodes with seeds from here on reset to held-out scenes

# What all robots share with the one learner, so these names leave the robot's namespace.
SHARED = (
    ("replay", "/replay"),
    ("replay/ack", "/replay/ack"),
    ("replay/journal", "/replay/journal"),
    ("actor_weights", "/actor_weights"),
    ("episode/event", "/episode/event"),
    ("learner/status", "/learner/status"),
)
LOOPBACK = "127.0.0.1"  # where the simulated FCI listens
OWN_CLOCK = (("/clock", "clock"),)  # several simulations must not share one clock


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
    robot: RobotKind = RobotKind.SIM
    hostname: str = "172.16.0.2"  # of a real arm

    def __post_init__(self) -> None:
        if not self.run:
            raise ValueError("a run needs a name")
        if self.robot != RobotKind.SIM and (self.lockstep or self.robots > 1):
            raise ValueError(f"robot {self.robot.value} is one arm in real time: lockstep must be false and robots 1")
        if self.robots < 1 or self.seed < 0:
            raise ValueError(f"robots must be at least 1 and seed at least 0, got {self.robots} and {self.seed}")
        if self.seed + ROBOT_SEEDS * (self.robots - 1) >= EVALUATION_SEED:
            raise ValueError(
                f"seed + {ROBOT_SEEDS} (robots - 1) must stay below {EVALUATION_SEED}, "
                f"from where on resets are kept for evaluation; got seed {self.seed} and {self.robots} robots"
            )
        if min(self.max_update_debt, self.max_episodes, self.time_limit_s) < 0:
            raise ValueError("max_update_debt, max_episodes and time_limit_s must not be negative")


@dataclass(frozen=True)
class _Robot:
    """One robot's place in the graph."""

    name: str
    namespace: str
    seed: int
    shared: tuple[tuple[str, str], ...] = ()
    clock: tuple[tuple[str, str], ...] = ()


def finetune_graph(settings: GraphSettings) -> Graph:
    """Simulated robots with policy and episode node, and the one learner that hears all of them."""
    mode = Mode.FINETUNE if settings.mode is None else settings.mode
    nodes = [node for robot in _robots(settings) for node in _robot_nodes(settings, robot, mode)]
    return Graph((_learner(settings), *nodes), default_env())


def evaluate_graph(settings: GraphSettings) -> Graph:
    """Simulated robots, each with a frozen policy and an episode node. Nothing learns."""
    mode = Mode.EVALUATE if settings.mode is None else settings.mode
    if mode == Mode.FINETUNE:
        raise GraphError("mode finetune samples and explores; evaluate with mode evaluate or base")
    if mode == Mode.EVALUATE and settings.actor is None:
        raise GraphError("mode evaluate needs actor:=<checkpoint folder>; without one use mode:=base")
    nodes = [node for robot in _robots(settings) for node in _robot_nodes(settings, robot, mode)]
    return Graph(tuple(nodes), default_env())


def sim_graph(settings: GraphSettings) -> Graph:
    """Simulated robots alone, for a policy that runs elsewhere."""
    return Graph(tuple(body for robot in _robots(settings) for body in _bodies(settings, robot)), default_env())


def default_env() -> dict[str, str]:
    """What the nodes want of their environment, where the user has not said otherwise."""
    return {
        "FASTDDS_DEFAULT_PROFILES_FILE": str(config_file("fastdds.xml")),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "OMP_NUM_THREADS": "1",  # threads that contend for two cores are eight times slower
    }


def _robots(settings: GraphSettings) -> list[_Robot]:
    if settings.robots == 1:
        return [_Robot("robot", "", settings.seed)]
    return [
        _Robot(f"robot_{i + 1}", f"robot_{i + 1}", settings.seed + ROBOT_SEEDS * i, SHARED, OWN_CLOCK)
        for i in range(settings.robots)
    ]


def _robot_nodes(settings: GraphSettings, robot: _Robot, mode: Mode) -> tuple[NodeSpec, ...]:
    return *_bodies(settings, robot), _policy(settings, robot, mode), _episode(settings, robot, mode)


def _bodies(settings: GraphSettings, robot: _Robot) -> tuple[NodeSpec, ...]:
    """What stands for the robot and its surroundings."""
    if settings.robot == RobotKind.SIM:
        return (_sim(settings, robot),)
    if settings.robot == RobotKind.MUJOCO:
        return (_mujoco(settings, robot),)
    arm = _franky(settings, robot)
    return (arm,) if settings.robot == RobotKind.FRANKY else (_fci(settings, robot), arm)


def _fci(settings: GraphSettings, robot: _Robot) -> NodeSpec:
    parameters = {**_scene(settings, robot), "hostname": LOOPBACK}
    return NodeSpec("zprl_sim", "fci_node", "fci", robot.namespace, parameters, respawn=True)


def _mujoco(settings: GraphSettings, robot: _Robot) -> NodeSpec:
    push: dict[str, Parameter] = {"limits.force": 300.0, "limits.torque": 60.0}  # its servos press far harder than springs
    parameters = {**_arm(settings, robot), **_scene(settings, robot), **push}
    return NodeSpec("zprl_bringup", "mujoco_arm_node", "mujoco", robot.namespace, parameters, robot.shared, respawn=True)


def _scene(settings: GraphSettings, robot: _Robot) -> dict[str, Parameter]:
    """Of a simulation whose arm an arm node moves."""
    return {"scene.task": settings.task, "scene.seed": robot.seed, "scene.deployed": settings.deployed}


def _arm(settings: GraphSettings, robot: _Robot) -> dict[str, Parameter]:
    """Of any arm node."""
    simulated = settings.robot != RobotKind.FRANKY
    return {"robot": robot.name, "arm_at_start": simulated, "scene_resets": simulated}


def _franky(settings: GraphSettings, robot: _Robot) -> NodeSpec:
    simulated = settings.robot == RobotKind.FCI_SIM
    parameters: dict[str, Parameter] = {
        **_arm(settings, robot),
        "franky.hostname": LOOPBACK if simulated else settings.hostname,
        "franky.enforce_realtime": not simulated,
    }
    return NodeSpec("zprl_bringup", "arm_node", "arm", robot.namespace, parameters, robot.shared, respawn=simulated)


def _sim(settings: GraphSettings, robot: _Robot) -> NodeSpec:
    return NodeSpec(
        "zprl_sim", "sim_node", "sim", robot.namespace,
        _given({
            "task": settings.task,
            "seed": robot.seed,
            "lockstep": settings.lockstep,
            "deployed": settings.deployed,
            "cameras": list(settings.cameras),
        }),
        robot.clock,
        respawn=True,
    )  # fmt: skip


def _policy(settings: GraphSettings, robot: _Robot, mode: Mode) -> NodeSpec:
    learns = mode == Mode.FINETUNE
    return NodeSpec(
        "zprl_policy", "policy_node", "policy", robot.namespace,
        _given({
            "base": _base(settings),
            "actor": "" if settings.actor is None or mode == Mode.BASE else _absolute(settings.actor),
            "run": settings.run,
            "robot": robot.name,
            "state_folder": _absolute(RunFolder(settings.run_folder).robots / robot.name) if learns else "",
            "mode": mode.name.lower(),
            "lockstep": settings.lockstep,
            "seed": robot.seed,
            "discount": settings.config.learner.sac.discount,
            **_part(settings.config, "steering."),
            **_part(settings.config, "exploration."),
        }),
        robot.shared,
        respawn=True,
    )  # fmt: skip


def _episode(settings: GraphSettings, robot: _Robot, mode: Mode) -> NodeSpec:
    first = 0 if mode == Mode.FINETUNE else EVALUATION_SEED
    return NodeSpec(
        "zprl_bringup", "episode_node", "episode", robot.namespace,
        {
            "automatic": settings.robot != RobotKind.FRANKY,  # at a real arm a person resets and labels
            "robot": robot.name,
            "seed": first + robot.seed,
            "lockstep": settings.lockstep,
            "time_limit_s": settings.time_limit_s,
            "max_update_debt": settings.max_update_debt,
            "max_episodes": settings.max_episodes,
            "wait_for_learner": mode == Mode.FINETUNE,
        },
        robot.shared,
        respawn=settings.max_episodes == 0,
    )  # fmt: skip


def _learner(settings: GraphSettings) -> NodeSpec:
    return NodeSpec(
        "zprl_learner", "learner_node", "learner", "",
        {
            "base": _base(settings),
            "run": settings.run,
            "run_folder": _absolute(settings.run_folder),
            "seed": settings.seed,
            "checkpoint_every_s": settings.checkpoint_every_s,
            "nice": settings.learner_nice,
            **_part(settings.config, "learner."),
            **_part(settings.config, "steering."),
            "publish_every": settings.config.publish_every,
        },
        respawn=True,
    )  # fmt: skip


def _part(config: FinetuneConfig, prefix: str) -> dict[str, Parameter]:
    return {key: value for key, value in flatten(config).items() if key.startswith(prefix)}


def _given(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    """Without what is empty: the node's own default says the same, and ROS knows no empty list."""
    return {key: value for key, value in parameters.items() if value not in ([], "")}


def _base(settings: GraphSettings) -> str:
    if settings.base is None:
        raise GraphError("a policy needs base:=<checkpoint folder>; zprl pretrain makes one")
    return _absolute(settings.base)


def _absolute(path: Path) -> str:
    return str(path.expanduser().absolute())
