"""Builds the graphs: robots, each with policy and episode node, and the learner that serves all of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.blind_order import EPISODES_PER_PAIR
from zprl.rl.config import FinetuneConfig, Mode
from zprl_bringup.graph.beside.recorder import recorder
from zprl_bringup.graph.beside.teleoperation import teleoperation
from zprl_bringup.graph.beside.view import view, view_node
from zprl_bringup.graph.demo_check import check_demonstrations
from zprl_bringup.graph.network import Network, Only
from zprl_bringup.graph.origin_check import check_actor, check_run
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.robots.nodes import given
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec, Parameter
from zprl_core import topic_names
from zprl_core.config.flatten import flatten
from zprl_core.seeds import ROBOT_SEEDS

# Topics that all robots share with the learner: remapped out of each robot's namespace.
SHARED = tuple(
    (name, f"/{name}")
    for name in (
        topic_names.REPLAY,
        topic_names.REPLAY_ACK,
        topic_names.REPLAY_JOURNAL,
        topic_names.ACTOR_WEIGHTS,
        topic_names.EPISODE_EVENT,
        topic_names.LEARNER_STATUS,
    )
)
OWN_CLOCK = ((topic_names.CLOCK, topic_names.CLOCK.lstrip("/")),)  # each simulation publishes its own clock


def finetune_graph(settings: GraphSettings) -> Graph:
    """Build the graph of finetuning, or a part of it: robots, each with policy and episode node, and the learner."""
    mode, only = Mode.FINETUNE if settings.mode is None else settings.mode, settings.options.only
    check_run(settings)
    nodes: list[NodeSpec] = []
    if only != Only.ROBOT:
        check_demonstrations(settings.config.learner.demo_share, settings.options.base)
        nodes.append(_learner(settings))
    if only != Only.LEARNER:
        nodes += [node for robot in _robots(settings) for node in _robot_nodes(settings, robot, mode)]
    return Graph(tuple(nodes), graph_env(settings))


def evaluate_graph(settings: GraphSettings) -> Graph:
    """Build the graph of an evaluation: robots, each with a frozen policy and an episode node, without a learner."""
    mode = Mode.EVALUATE if settings.mode is None else settings.mode
    if mode == Mode.FINETUNE:
        raise GraphError("mode finetune explores and needs a learner; evaluate with mode evaluate or base")
    if mode == Mode.EVALUATE and settings.options.actor is None:
        raise GraphError("mode evaluate needs actor:=<checkpoint folder>; without one use mode:=base")
    check_actor(settings)
    nodes = [node for robot in _robots(settings) for node in _robot_nodes(settings, robot, mode)]
    return Graph(tuple(nodes), graph_env(settings))


def demos_graph(settings: GraphSettings, first_episode: int = 0) -> Graph:
    """Build the graph that records demonstrations: simulated robots, each with expert, episode node and recorder.

    `first_episode`: its number, which its reset follows, so that a folder that grows has no scene twice.
    """
    if settings.chosen_robot.needs_operator:
        raise GraphError(f"robot {settings.chosen_robot.name} is not simulated, and the scripted expert needs a scene")
    nodes = [
        node
        for robot in _robots(settings)
        for node in (
            *settings.chosen_robot.nodes(settings, robot),
            _expert(settings, robot),
            _episode(settings, robot, learns=False, held_out=False, first=first_episode),
            *recorder(settings, robot),
        )
    ]
    return Graph(tuple(nodes), graph_env(settings))


def teleop_graph(settings: GraphSettings, device: Mapping[str, Parameter], first_episode: int) -> Graph:
    """Build the graph in which a human demonstrates: robot, teleoperation device, episode node and recorder.

    `device`: parameters of the teleoperation node. `first_episode`: its number, which its reset follows.
    """
    (robot,) = _robots(settings)
    episode = _episode(settings, robot, learns=False, held_out=False, first=first_episode)
    by_hand: dict[str, Parameter] = {"automatic": False, "has_policy": False}
    nodes = (
        *teleoperation(settings, robot, device),
        *settings.chosen_robot.nodes(settings, robot),
        replace(episode, parameters=episode.parameters | by_hand),
        *recorder(settings, robot),
    )
    return Graph(nodes, graph_env(settings))


def sim_graph(settings: GraphSettings) -> Graph:
    """Build the graph of the robots alone, for a policy that runs elsewhere."""
    nodes = [
        node
        for robot in _robots(settings)
        for node in (*settings.chosen_robot.nodes(settings, robot), *view(settings, robot))
    ]
    return Graph(tuple(nodes), graph_env(settings))


def view_graph(settings: GraphSettings) -> Graph:
    """Build the graph of the view nodes alone, beside another graph that runs."""
    return Graph(tuple(view_node(settings, robot) for robot in _robots(settings)), graph_env(settings))


def graph_env(settings: GraphSettings) -> dict[str, str]:
    """Return environment variables for all nodes; the user's own values take precedence."""
    return default_env(settings.station.network, settings.options.only)


def default_env(network: Network = Network(), only: Only | None = None) -> dict[str, str]:  # noqa: B008  frozen
    """Return the variables of a graph in this network, or of a part of one."""
    return {
        "FASTDDS_DEFAULT_PROFILES_FILE": str(config_file("fastdds.xml")),
        "OMP_NUM_THREADS": "1",  # with more threads than cores the learner is up to eight times slower
        **network.env(only),
    }


def _robots(settings: GraphSettings) -> list[RobotSlot]:
    options = settings.options
    if options.robots == 1 and not options.first_robot:
        namespace = settings.chosen_robot.namespace
        return [RobotSlot("robot", namespace, options.seed, SHARED if namespace else ())]
    first = options.first_robot or 1
    return [
        RobotSlot(f"robot_{i}", f"robot_{i}", options.seed + ROBOT_SEEDS * (i - 1), SHARED, OWN_CLOCK)
        for i in range(first, first + options.robots)
    ]


def _robot_nodes(settings: GraphSettings, robot: RobotSlot, mode: Mode) -> tuple[NodeSpec, ...]:
    driver = settings.chosen_robot.nodes(settings, robot)
    learns = mode == Mode.FINETUNE
    episode = _episode(settings, robot, learns, held_out=not learns, first=settings.first_episode)
    return *driver, _policy(settings, robot, mode), episode, *recorder(settings, robot), *view(settings, robot)


def _policy(settings: GraphSettings, robot: RobotSlot, mode: Mode) -> NodeSpec:
    options = settings.options
    learns = mode == Mode.FINETUNE
    return NodeSpec(
        "zprl_policy", "policy_node", "policy", robot.namespace,
        given({
            "base": _base(settings),
            "actor": "" if options.actor is None or mode == Mode.BASE else _absolute(options.actor),
            "run": settings.run,
            "task": settings.task,
            "robot": robot.name,
            "state_folder": _absolute(RunFolder(settings.run_folder).robots / robot.name) if learns else "",
            "mode": mode.name.lower(),
            "lockstep": options.lockstep,
            "control_rate": settings.station.control_rate,
            "seed": robot.seed,
            "discount": settings.config.learner.sac.discount,
            **flatten(settings.flow_noise, "flow_noise."),
            **_part(settings.config, "steering."),
            **_part(settings.config, "exploration."),
            **(flatten(settings.blind, "blind.") if settings.blind.compares else {}),
        }),
        robot.shared,
        respawn=True,
    )  # fmt: skip


def _expert(settings: GraphSettings, robot: RobotSlot) -> NodeSpec:
    """The expert in the place of the policy."""
    lowest, highest = settings.options.recipe.quality
    parameters: dict[str, Parameter] = {
        "task": settings.options.task,
        "robot": robot.name,
        "seed": robot.seed,
        "lowest_quality": lowest,
        "highest_quality": highest,
        "lockstep": settings.options.lockstep,
    }
    return NodeSpec("zprl_sim", "expert_node", "policy", robot.namespace, parameters, robot.shared, respawn=True)


def _episode(settings: GraphSettings, robot: RobotSlot, learns: bool, held_out: bool, first: int = 0) -> NodeSpec:
    options = settings.options
    return NodeSpec(
        "zprl_episodes", "episode_node", "episode", robot.namespace,
        {
            "automatic": not settings.chosen_robot.needs_operator,
            "robot": robot.name,
            "seed": robot.seed,
            "held_out": held_out,
            "time_limit_s": options.time_limit_s or settings.station.time_limit_s,
            "max_update_debt": options.max_update_debt,
            "max_episodes": options.max_episodes,
            "first_episode": first,
            "episodes_per_reset": EPISODES_PER_PAIR if settings.blind.compares else 1,
            "wait_for_learner": learns,
            "wait_for_recorder": options.bags is not None,
        },
        robot.shared,
        respawn=options.max_episodes == 0,
    )  # fmt: skip


def _learner(settings: GraphSettings) -> NodeSpec:
    return NodeSpec(
        "zprl_learner", "learner_node", "learner", "",
        {
            "base": _base(settings),
            "run": settings.run,
            "run_folder": _absolute(settings.run_folder),
            "task": settings.task,
            "preset": settings.preset,
            "seed": settings.options.seed,
            "checkpoint_every_s": settings.checkpoint_every_s,
            "nice": settings.learner_nice,
            **_part(settings.config, "learner."),
            **_part(settings.config, "steering."),
            **flatten(settings.flow_noise, "flow_noise."),
            "publish_every": settings.config.publish_every,
            "until": settings.options.tested_rate,
            "compiled": settings.options.compiled,
        },
        respawn=True,
    )  # fmt: skip


def _part(config: FinetuneConfig, prefix: str) -> dict[str, Parameter]:
    return {key: value for key, value in flatten(config).items() if key.startswith(prefix)}


def _base(settings: GraphSettings) -> str:
    if settings.options.base is None:
        raise GraphError("a policy needs base:=<checkpoint folder>; make one with zprl pretrain")
    return _absolute(settings.options.base)


def _absolute(path: Path) -> str:
    return str(path.expanduser().absolute())
