"""The graph as data: who is in it, with which parameters, and who hears whom."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compared import finetuned_run
from zprl.rl.config import FinetuneConfig, FlowNoise, Mode, NoiseConfig
from zprl.rl.presets import CPU, EFFICIENT, FAST, PAPER_V1
from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph, sim_graph
from zprl_bringup.graph.network import Discovery, Network, Only
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec
from zprl_bringup.graph.station import Station
from zprl_core.config.flatten import flatten

SETTINGS = GraphSettings("lift-seed0", Path("/runs/lift-seed0"), RunOptions(base=Path("/runs/lift-seed0/base")))
ACTOR = Path("/runs/lift-seed0/actor")


def chosen(**options: Any) -> GraphSettings:
    """SETTINGS with other options."""
    return replace(SETTINGS, options=replace(SETTINGS.options, **options))


def names(graph: Graph) -> list[str]:
    return sorted(node.full_name for node in graph.nodes)


def test_one_robot_has_no_namespace() -> None:
    graph = finetune_graph(SETTINGS)
    assert names(graph) == ["/episode", "/learner", "/policy", "/sim"]
    assert all(node.remappings == () for node in graph.nodes)


def test_three_robots_feed_one_learner() -> None:
    graph = finetune_graph(chosen(robots=3))
    assert len(graph.nodes) == 10
    assert [node.full_name for node in graph.find("learner_node")] == ["/learner"]
    policies = graph.find("policy_node")
    assert [node.namespace for node in policies] == ["robot_1", "robot_2", "robot_3"]
    assert [node.parameters["robot"] for node in policies] == ["robot_1", "robot_2", "robot_3"]
    for node in (*policies, *graph.find("episode_node")):
        assert dict(node.remappings)["episode/event"] == "/episode/event"
        assert dict(node.remappings)["replay"] == "/replay"
    for node in graph.find("sim_node"):
        assert node.remappings == (("/clock", "clock"),)


def test_robots_of_two_machines_feed_the_learner_of_a_third() -> None:
    graphs = [
        finetune_graph(chosen(only=Only.ROBOT, first_robot=first, robots=robots)) for first, robots in ((1, 2), (3, 1))
    ]
    assert [names(graph) for graph in graphs] == [
        [f"/robot_{i}/{node}" for i in numbers for node in ("episode", "policy", "sim")] for numbers in ((1, 2), (3,))
    ]
    seeds = [node.parameters["seed"] for graph in graphs for node in graph.find("policy_node")]
    assert seeds == [node.parameters["seed"] for node in finetune_graph(chosen(robots=3)).find("policy_node")]
    assert names(finetune_graph(chosen(only=Only.LEARNER))) == ["/learner"]
    assert names(finetune_graph(chosen(only=Only.ROBOT))) == ["/episode", "/policy", "/sim"]


def test_the_parts_of_a_graph_are_those_of_the_whole() -> None:
    parts = [finetune_graph(chosen(only=only)) for only in (Only.LEARNER, Only.ROBOT)]
    assert (*parts[0].nodes, *parts[1].nodes) == finetune_graph(SETTINGS).nodes


def test_a_part_of_a_graph_looks_for_the_other_on_the_network() -> None:
    reach = "ROS_AUTOMATIC_DISCOVERY_RANGE"
    assert finetune_graph(SETTINGS).env[reach] == "LOCALHOST"
    assert finetune_graph(chosen(only=Only.LEARNER)).env[reach] == "SUBNET"
    station = Station(network=Network(Discovery.PEERS, ("10.0.0.2", "lab"), domain=42))
    env = finetune_graph(replace(SETTINGS, station=station)).env
    assert (env[reach], env["ROS_STATIC_PEERS"], env["ROS_DOMAIN_ID"]) == ("LOCALHOST", "10.0.0.2;lab", "42")


def test_robots_reset_with_seeds_of_their_own() -> None:
    graph = finetune_graph(chosen(robots=3, seed=2))
    assert [node.parameters["seed"] for node in graph.find("episode_node")] == [2, 12, 22]
    assert graph.find("learner_node")[0].parameters["seed"] == 2


def test_evaluation_resets_to_scenes_that_training_never_sees() -> None:
    played = [evaluate_graph(chosen(actor=ACTOR, robots=2)), finetune_graph(chosen(robots=2))]
    nodes = [node for graph in played for node in graph.find("episode_node")]
    assert [(n.parameters["seed"], n.parameters["held_out"]) for n in nodes] == [
        (0, True), (10, True), (0, False), (10, False),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [80, 123, 2**31 - 21])
def test_every_seed_can_be_used_with_several_robots(seed: int) -> None:
    nodes = finetune_graph(chosen(seed=seed, robots=3)).find("episode_node")
    assert [node.parameters["seed"] for node in nodes] == [seed, seed + 10, seed + 20]


def test_a_seed_that_leaves_no_seed_to_the_last_robot_is_refused() -> None:
    with pytest.raises(ValueError, match="seed must be at most 2147483627, got 2147483628"):
        chosen(seed=2**31 - 20, robots=3)


def test_the_configuration_reaches_its_nodes() -> None:
    graph = finetune_graph(replace(SETTINGS, config=FAST))
    learner, policy = graph.find("learner_node")[0], graph.find("policy_node")[0]
    assert learner.parameters["learner.sac.critics"] == FAST.learner.sac.critics == 10
    assert learner.parameters["publish_every"] == FAST.publish_every
    assert policy.parameters["steering.latent_ratio"] == FAST.steering.latent_ratio
    assert policy.parameters["exploration.random_fraction"] == FAST.exploration.random_fraction
    assert policy.parameters["discount"] == FAST.learner.sac.discount
    assert learner.parameters["steering.steer"] == policy.parameters["steering.steer"] == "latent"
    assert not any(key.startswith("exploration.") for key in learner.parameters)


@pytest.mark.parametrize("preset", [CPU, FAST, PAPER_V1])
def test_floats_stay_floats(preset: FinetuneConfig) -> None:
    """ROS refuses an integer for a parameter that was declared as a double."""
    parameters = finetune_graph(replace(SETTINGS, config=preset)).find("learner_node")[0].parameters
    for key, default in flatten(FinetuneConfig()).items():
        if key in parameters:
            assert type(parameters[key]) is type(default), key


def test_the_modes() -> None:
    assert finetune_graph(SETTINGS).find("policy_node")[0].parameters["mode"] == "finetune"
    graph = evaluate_graph(chosen(actor=ACTOR))
    assert graph.find("policy_node")[0].parameters["mode"] == "evaluate"
    assert graph.find("policy_node")[0].parameters["actor"] == str(ACTOR)
    assert names(graph) == ["/episode", "/policy", "/sim"]
    base = evaluate_graph(replace(chosen(actor=ACTOR), mode=Mode.BASE))
    assert base.find("policy_node")[0].parameters["mode"] == "base"
    assert "actor" not in base.find("policy_node")[0].parameters


def test_what_cannot_be_built_says_why() -> None:
    with pytest.raises(GraphError, match="base:="):
        finetune_graph(chosen(base=None))
    with pytest.raises(GraphError, match="actor:="):
        evaluate_graph(SETTINGS)
    with pytest.raises(GraphError, match="finetune"):
        evaluate_graph(replace(SETTINGS, mode=Mode.FINETUNE))
    with pytest.raises(ValueError, match="robots"):
        chosen(robots=0)
    with pytest.raises(ValueError, match="same name"):
        Graph((NodeSpec("p", "e", "a"), NodeSpec("p", "e", "a")))
    with pytest.raises(ValueError, match="empty list"):
        NodeSpec("p", "e", "a", parameters={"cameras": []})


def test_the_simulation_needs_no_policy() -> None:
    graph = sim_graph(chosen(base=None, cameras=("front",), lockstep=False))
    assert names(graph) == ["/sim"]
    assert graph.nodes[0].parameters["cameras"] == ["front"]
    assert graph.nodes[0].parameters["lockstep"] is False
    assert "cameras" not in sim_graph(SETTINGS).nodes[0].parameters


def test_relative_paths_are_made_absolute() -> None:
    """A node's working directory is nobody's business."""
    graph = finetune_graph(replace(chosen(base=Path("runs/x/base")), run_folder=Path("runs/x")))
    assert Path(str(graph.find("policy_node")[0].parameters["base"])).is_absolute()
    assert Path(str(graph.find("learner_node")[0].parameters["run_folder"])).is_absolute()


def test_the_fast_dds_profile_exists() -> None:
    assert Path(finetune_graph(SETTINGS).env["FASTDDS_DEFAULT_PROFILES_FILE"]).is_file()


@pytest.mark.parametrize(
    ("executable", "module", "settings"),
    [
        ("sim_node", "zprl_sim.settings", "SimSettings"),
        ("policy_node", "zprl_policy.settings", "PolicySettings"),
        ("learner_node", "zprl_learner.settings", "LearnerSettings"),
        ("episode_node", "zprl_episodes.episode_manager", "EpisodeSettings"),
    ],
)
def test_the_nodes_know_their_parameters(executable: str, module: str, settings: str) -> None:
    """Names and types as the node declares them: ROS ignores a name that it does not know."""
    declared = flatten(getattr(pytest.importorskip(module), settings)())
    for node in finetune_graph(chosen(cameras=("front",))).find(executable):
        for key, value in node.parameters.items():
            wanted = list if isinstance(declared[key], tuple) else type(declared[key])
            assert type(value) is wanted, key


def test_the_learner_knows_the_task_and_the_settings() -> None:
    tray = chosen(task="pick_to_tray")
    (learner,) = finetune_graph(replace(tray, config=tray.options.finetune)).find("learner_node")
    assert (learner.parameters["task"], learner.parameters["preset"]) == ("pick_to_tray", "efficient")
    (learner,) = finetune_graph(replace(SETTINGS, config=FAST)).find("learner_node")
    assert learner.parameters["preset"] == "station"


def noises(graph: Graph) -> set[object]:
    """The flow's noise of all nodes that have one."""
    return {node.parameters["flow_noise.kind"] for node in graph.nodes if "flow_noise.kind" in node.parameters}


def test_policy_and_learner_have_the_noise_that_is_asked_for_or_that_of_the_learning_settings() -> None:
    station = replace(CPU, flow_noise=NoiseConfig(FlowNoise.FIXED, 3))
    for config, kind in ((EFFICIENT, "zero"), (CPU, "sampled"), (station, "fixed")):
        graph = finetune_graph(replace(SETTINGS, config=config))
        assert noises(graph) == {kind} and len(graph.find("learner_node")) == 1
        assert noises(finetune_graph(replace(chosen(noise=FlowNoise.SAMPLED), config=config))) == {"sampled"}


def test_an_actor_is_played_with_the_noise_of_its_training(tmp_path: Path) -> None:
    run = finetuned_run(tmp_path / "run")
    played = replace(chosen(base=run.base, actor=run.actor), config=CPU)
    assert noises(evaluate_graph(played)) == {"zero"}
    asked = replace(played, options=replace(played.options, noise=FlowNoise.SAMPLED))
    assert noises(evaluate_graph(asked)) == {"sampled"}


def test_a_real_arm_plays_the_task_of_its_station_or_of_the_run_that_it_resumes() -> None:
    real = replace(chosen(robot="franky", hostname="10.0.0.2", lockstep=False), station=Station(task="hoist"))
    assert real.task == "hoist"
    assert replace(real, resumed_task="lift").task == "lift"
