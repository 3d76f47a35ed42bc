"""What the nodes do with topics, services and actions, read from their source code."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from source_files import ROOT
from zprl_core.ros import services, topics

# Which node a source file belongs to, where it is not its first word.
ROLES = {
    "zprl_control/ros": "arm", "zprl_hardware/ros/franka_arm_node": "arm", "zprl_hardware/ros/pose_recorder": "camera",
    "zprl_sim/ros/messages": "sim", "zprl_sim/ros/publishers": "sim",
    "zprl_sim/ros/camera_publishers": "pictures", "zprl_policy/ros": "policy",
    "zprl_learner/ros": "learner", "zprl_sim/ros/expert": "policy",
    "zprl_episodes/ros/player": "policy", "zprl_episodes/ros/bag_path": "policy",
    "zprl_episodes/ros/image_packer": "recorder",
    "zprl_view/ros/panel": "operator", "zprl_console/ros": "operator",  # a person at a console
    "zprl_view/ros/foxglove": "foxglove", "zprl_view/ros/topic_relay": "foxglove",
    "zprl_view/ros": "view", "zprl_teleop/ros": "teleop", "zprl_cli/doctor/ros": "doctor",
    "zprl_cli/health/ros": "operator",  # it may read lifecycle states
}  # fmt: skip
# Methods of the topics and services that zprl_core.ros defines, and helpers that take them as arguments.
METHODS = {
    "publisher": "publish",
    "lifecycle_publisher": "publish",
    "subscribe": "subscribe",
    "serve": "reply",
    "client": "request",
}
HELPERS = {"self._add": "publish", "self._stream": "publish"}  # of the sim's outputs, and of a camera's
CALLS = {
    "create_publisher": "publish",
    "create_lifecycle_publisher": "publish",
    "create_subscription": "subscribe",
    "create_service": "reply",
    "create_client": "request",
    "ActionServer": "execute",
    "ActionClient": "call",
}
CALL = re.compile(rf"\b({'|'.join(map(re.escape, CALLS))})\((?:\s*(?:self\.)?node,)?\s*[\w.]+,\s*([^,)]+)")
# Names that a variable holds: what they stand for, in the source file of that first word.
VARIABLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("interfaces", "self.name"): (),  # inside the methods, whose calls are found themselves
    ("policy", "topic"): (  # of an observation spec, for one arm or several
        "arm/current_pose",
        "joint_states",
        "any/arm/current_pose",
        "any/joint_states",
        "objects/any/pose",
        "camera/any/color/image_raw",
        "any/camera/any/color/image_raw",
    ),
    ("recorder", "topic.name"): ("arm/status", "any/arm/status", "any/thing"),  # whatever a station lists
    ("foxglove", "self._topic"): ("any", "any/any", "/any"),  # whatever a viewer chooses
    ("policy", "info"): ("camera/any/color/camera_info", "any/camera/any/color/camera_info"),  # beside those images
}


@dataclass(frozen=True)
class Use:
    """What a node does with a name: publish, subscribe, reply (serve) or request (call)."""

    node: str  # the source file's first word: sim, policy, managed, ...
    right: str
    name: str


def uses(files: Iterable[Path]) -> set[Use]:
    """Every publisher, subscription, service and client that the source files make."""
    found = set()
    for path in files:
        node, source = role(path), path.read_text()
        for call, argument in CALL.findall(source):
            found |= {Use(node, CALLS[call], name) for name in topic_names(node, argument.strip())}
        tree = ast.parse(source)
        for right, expression in defined(tree):
            found |= {Use(node, right, name) for name in names_of(expression)}
        strange = mentions(tree) - {text for _, expression in defined(tree) for text in mentions(expression)}
        assert not strange, f"{node}: cannot tell what is done with {', '.join(sorted(strange))}; see METHODS, HELPERS"
    return found


def mentions(tree: ast.AST) -> set[str]:
    """Topics and services from zprl_core.ros, with their places, of which more is taken than name and type."""
    plain = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("name", "type")]
    harmless = {id(inner) for node in plain if names_of(node) for inner in ast.walk(node)}
    return {
        f"{ast.unparse(node)} in line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and id(node) not in harmless and names_of(node)
    }


def defined(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Right and expression of each topic and service from zprl_core.ros that a publisher or the like is made of."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS and names_of(call.func.value):
            yield METHODS[call.func.attr], call.func.value
        elif ast.unparse(call.func) in HELPERS:
            yield from ((HELPERS[ast.unparse(call.func)], argument) for argument in call.args)


def names_of(expression: ast.expr) -> tuple[str, ...]:
    """The names of an expression such as topics.ARM_STATUS.under(arm.arm); none when it is no topic of ours.

    Under a namespace that is an arm's: the name of the only arm, and that of one of several.
    """
    text = ast.unparse(expression)
    found = re.fullmatch(r"(topics|services)\.([A-Z_]+)((?:\.(?:under|of)\(.*\))?)", text)
    if found is None:
        return ()
    name = getattr({"topics": topics, "services": services}[found[1]], found[2]).name.replace("{name}", "any")
    return (name, f"any/{name}") if found[3].endswith(".arm)") else (name,)


def role(path: Path) -> str:
    """The node that a source file belongs to."""
    sources = ROOT / "src"  # the clone itself may lie in a folder src
    inner = "/".join(path.relative_to(sources).with_suffix("").parts[1:]) if path.is_relative_to(sources) else path.stem
    return next((node for start, node in ROLES.items() if inner.startswith(start)), path.stem.split("_")[0])


def topic_names(node: str, argument: str) -> tuple[str, ...]:
    """The names that an argument stands for: a literal, one that zprl_core.ros defines, or a variable."""
    if (node, argument) in VARIABLES:
        return VARIABLES[node, argument]
    if names := names_of(ast.parse(argument.removesuffix(".name"), mode="eval").body):
        return names
    literal = re.fullmatch(r'f?"([^"]*)"', argument)
    assert literal, f"{node}: cannot tell which name {argument} is; add it to VARIABLES"
    return (re.sub(r"\{[^}]*\}", "any", literal.group(1)),)
