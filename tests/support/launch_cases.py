"""Launch files, with arguments and the graph that each stands for."""

from pathlib import Path

from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph, sim_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.ros_launch.arguments import (
    EVALUATE_ARGUMENTS,
    FINETUNE_ARGUMENTS,
    SIM_ARGUMENTS,
    LaunchArgument,
)

LAUNCH = Path(__file__).resolve().parents[2] / "src/zprl_bringup/launch"

FINETUNE = {"base": "/runs/007/base", "run_folder": "/runs/007", "preset": "fast", "seed": "3"}

CASES = {
    "one robot": ("finetune.launch.py", FINETUNE_ARGUMENTS, finetune_graph, FINETUNE),
    "three robots": ("finetune.launch.py", FINETUNE_ARGUMENTS, finetune_graph, FINETUNE | {"robots": "3"}),
    "real time": (
        "finetune.launch.py", FINETUNE_ARGUMENTS, finetune_graph,
        FINETUNE | {"lockstep": "false", "cameras": "front, wrist", "task": "peg_insert"},
    ),
    "evaluate": (
        "evaluate.launch.py", EVALUATE_ARGUMENTS, evaluate_graph,
        {"base": "/runs/007/base", "actor": "/runs/007/actor", "max_episodes": "20"},
    ),
    "base": ("evaluate.launch.py", EVALUATE_ARGUMENTS, evaluate_graph, {"base": "/b", "mode": "base"}),
    "sim": ("sim.launch.py", SIM_ARGUMENTS, sim_graph, {"robots": "2", "deployed": "false"}),
    "guarded": (
        "finetune.launch.py", FINETUNE_ARGUMENTS, finetune_graph, FINETUNE | {"robot": "mujoco", "lockstep": "false"},
    ),
    "in a namespace": (
        "finetune.launch.py", FINETUNE_ARGUMENTS, finetune_graph,
        FINETUNE | {"robot": "ros2-control-sim", "lockstep": "false"},
    ),
    "real arm": (
        "sim.launch.py", SIM_ARGUMENTS, sim_graph,
        {"robot": "franky", "station": str(config_file("stations/insert_bills.yaml")), "hostname": "10.0.0.5"},
    ),
}  # fmt: skip


def with_defaults(arguments: tuple[LaunchArgument, ...], given: dict[str, str]) -> dict[str, str]:
    return {each.name: each.default or "" for each in arguments} | given
