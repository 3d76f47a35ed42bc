"""The rights that a graph's nodes need by their source code, compared with those that an SROS2 policy gives them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from source_uses import Use
from sros2_policy import Rule, holders
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_bringup.graph.station import load_station

SETTINGS = GraphSettings("run", Path("/runs/run"), RunOptions(base=Path("/runs/run/base")))


def chosen(**options: Any) -> GraphSettings:
    """SETTINGS with other options."""
    return replace(SETTINGS, options=replace(SETTINGS.options, **options))


ARM = chosen(robot="fci-sim", lockstep=False, cameras=("front",))
MUJOCO = chosen(robot="mujoco", lockstep=False)
LAB = replace(chosen(robot="franky", lockstep=False), station=load_station(config_file("stations/insert_bills.yaml")))
CAMERA = NodeSpec("zprl_hardware", "camera_node", "camera")  # a person starts it
TELEOP = NodeSpec("zprl_teleop", "teleop_node", "teleop")
RECORDER = NodeSpec("zprl_episodes", "recorder_node", "recorder")
VIEW = NodeSpec("zprl_view", "view_node", "view")
FOXGLOVE = NodeSpec("zprl_view", "foxglove_node", "foxglove")  # a person starts it
OPERATOR = NodeSpec("zprl_episodes", "operator_node", "operator")  # in the person's own enclave
MONITOR = NodeSpec("zprl_cli", "zprl", "_zprl_monitor")
DOCTOR = NodeSpec("zprl_cli", "zprl", "zprl_doctor_talk")
PARTS = {
    "fci": {"scene"},
    "mujoco": {"arm", "scene"},
    "sim": {"pictures"},
    "renderer": {"pictures"},
}  # whose source files a node has besides its own
# Enclaves of what is no node of the graph.
OUTSIDE = {"monitor": "/monitor", "doctor": "/doctor", "operator": "/operator"}
LIFECYCLE = ["change_state", "get_available_states", "get_available_transitions", "get_state", "get_transition_graph"]
PARAMETERS = [
    "describe_parameters", "get_parameter_types", "get_parameters", "list_parameters", "set_parameters",
    "set_parameters_atomically",
]  # fmt: skip


def full_name(spec: NodeSpec, name: str) -> str:
    """A name of the source as the node has it in its graph: remapped, and in its namespace."""
    name = dict(spec.remappings).get(name, name)
    if name.startswith("~"):
        return spec.full_name + name[1:]
    return name if name.startswith("/") else f"/{spec.namespace}/{name}".replace("//", "/")


def shared_uses() -> set[Use]:
    """What rclpy gives every managed node, and the monitor, which has neither rosout nor parameter services."""
    published = {Use("managed", "publish", name) for name in ("/rosout", "/parameter_events", "~/transition_event")}
    served = [f"~/{name}" for name in (*LIFECYCLE, *PARAMETERS, "get_type_description")]
    monitor = {Use("monitor", "publish", "/parameter_events"), Use("monitor", "reply", "~/get_type_description")}
    return published | {Use("managed", "reply", name) for name in served} | monitor


def missing(found: set[Use], allowed: list[Rule], robots: int) -> list[str]:
    """What the nodes of a graph do and may not."""
    graphs = [
        finetune_graph(chosen(robots=robots)),
        *(map(finetune_graph, (ARM, MUJOCO, LAB)) if robots == 1 else []),
    ]
    specs = {spec.full_name: spec for graph in graphs for spec in graph.nodes}
    specs |= (
        {"/camera": CAMERA, "/teleop": TELEOP, "/recorder": RECORDER, "/view": VIEW, "/operator": OPERATOR}
        if robots == 1
        else {}
    )
    specs["/foxglove"] = FOXGLOVE
    alone = (
        {"arm", "fci", "mujoco", "camera", "renderer", "teleop", "recorder", "view"} if robots > 1 else set()
    )  # there is only one of each
    parts = set().union(*PARTS.values())
    known = {spec.name for spec in specs.values()} | {"managed", *OUTSIDE} | alone | parts
    unknown = {use.node for use in found} - known
    lacks = [f"{node}: whose enclave is that?" for node in sorted(unknown)]
    for node, spec in {**specs, "/monitor": MONITOR, "/doctor": DOCTOR}.items():
        kind = spec.executable.removeprefix("franka_").split("_")[0]
        enclave = spec.enclave if node in specs else node
        mine = {kind, "managed", *PARTS.get(kind, ())} if node in specs else {node[1:]}
        for use in sorted(found, key=str):
            name = full_name(spec, use.name)
            if use.node in mine and enclave not in holders(allowed, use.right, name):
                lacks.append(f"{enclave} may not {use.right} {name}")
    return lacks


def intruders(found: set[Use], allowed: list[Rule], right: str) -> list[str]:
    """Who may publish, or serve, what another node does alone."""
    owners: dict[str, set[str]] = {}
    for use in found:
        if use.right == right and use.node not in ("managed", "monitor"):
            mine = {use.node, *(node for node, parts in PARTS.items() if use.node in parts)}
            owners.setdefault("/" + use.name.lstrip("/"), set()).update(f"/{node}" for node in mine)
    return [
        f"{enclave} may {right} {name}"
        for name, nodes in sorted(owners.items())
        for enclave in sorted(holders(allowed, right, name) - nodes)
    ]
