"""The SROS2 policy allows each node what its source code does, and nothing of what another one does alone.

Permissions are read as sros2 reads them: names are expanded with a profile's ns and node, * matches any characters,
and what no rule allows is denied.
"""

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from source_files import ROOT, product_files
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_bringup.graph.station import load_station
from zprl_core.ros import services, topics

POLICY = config_file("security_policy.xml")
DOC = ROOT / "docs" / "how-to" / "security.md"
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
OPERATOR = NodeSpec("zprl_episodes", "operator_node", "operator")  # in the person's own enclave
MONITOR = NodeSpec("zprl_cli", "zprl", "zprl_monitor")
DOCTOR = NodeSpec("zprl_cli", "zprl", "zprl_doctor_talk")
PARTS = {
    "fci": {"scene"},
    "mujoco": {"arm", "scene"},
    "sim": {"view"},
    "renderer": {"view"},
}  # whose source files a node has besides its own
# Which node a source file belongs to, where it is not its first word.
ROLES = {
    "zprl_control/ros": "arm", "zprl_hardware/ros/franka_arm_node": "arm", "zprl_hardware/ros/pose_recorder": "camera",
    "zprl_sim/ros/messages": "sim", "zprl_sim/ros/publishers": "sim",
    "zprl_sim/ros/camera_publishers": "view", "zprl_policy/ros": "policy",
    "zprl_learner/ros": "learner", "zprl_sim/ros/expert": "policy",
    "zprl_episodes/ros/player": "policy", "zprl_episodes/ros/bag_path": "policy",
    "zprl_episodes/ros/image_packer": "recorder",
    "zprl_teleop/ros": "teleop", "zprl_cli/doctor/ros": "doctor",
    "zprl_cli/health/ros": "operator",  # it may read lifecycle states
}  # fmt: skip
# Enclaves of what is no node of the graph.
OUTSIDE = {"monitor": "/monitor", "doctor": "/doctor", "operator": "/operator"}

# A robot with ros2_control, and its simulations: controllers' names are parameters, so its enclaves are the user's own.
FOREIGN = ("ros2_control_", "gripper_client", "gripper_server", "controller_", "gazebo_")

RIGHTS = {"topics": ("publish", "subscribe"), "services": ("reply", "request"), "actions": ("execute", "call")}
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
    ("policy", "info"): ("camera/any/color/camera_info", "any/camera/any/color/camera_info"),  # beside those images
}
HUMAN = [
    "/policy/set_mode", "/policy/roll_back", "/policy/freeze", "/policy/return_to_base",
    "/learner/pause", "/learner/resume", "/episode/reset", "/episode/label",
    "/arm/enable", "/arm/stop", "/arm/recover", "/arm/estop", "/arm/release",
    "/operator/confirm",
]  # fmt: skip
OF_ANY_ARM = {"/arm", "/mujoco"}
BY_HAND = ("/arm/", "/episode/", "/operator/")  # keys and buttons ask for these
LIFECYCLE = ["change_state", "get_available_states", "get_available_transitions", "get_state", "get_transition_graph"]
PARAMETERS = [
    "describe_parameters", "get_parameter_types", "get_parameters", "list_parameters", "set_parameters",
    "set_parameters_atomically",
]  # fmt: skip


@dataclass(frozen=True)
class Use:
    """What a node does with a name: publish, subscribe, reply (serve) or request (call)."""

    node: str  # the source file's first word: sim, policy, managed, ...
    right: str
    name: str


@dataclass(frozen=True)
class Rule:
    """One allowed name pattern of one enclave."""

    enclave: str
    right: str
    pattern: str


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


def rules(text: str) -> list[Rule]:
    """What the policy allows, with full names."""
    return [
        Rule(str(enclave.get("path")), right, expanded(profile, str(each.text)))
        for enclave in ET.fromstring(text).iter("enclave")
        for profile in enclave.iter("profile")
        for group in profile
        for right in RIGHTS[group.tag]
        if group.get(right) == "ALLOW"
        for each in group
    ]


def expanded(profile: ET.Element, name: str) -> str:
    """A name as the node of this profile would see it."""
    ns = str(profile.get("ns")).rstrip("/") + "/"
    if name.startswith("~"):
        return f"{ns}{profile.get('node')}{name[1:]}"
    return name if name.startswith("/") else ns + name


def holders(allowed: list[Rule], right: str, name: str) -> set[str]:
    """The enclaves that have this right on this name."""
    return {rule.enclave for rule in allowed if rule.right == right and fnmatchcase(name, rule.pattern)}


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
    specs |= {"/camera": CAMERA, "/teleop": TELEOP, "/recorder": RECORDER, "/operator": OPERATOR} if robots == 1 else {}
    alone = (
        {"arm", "fci", "mujoco", "camera", "renderer", "teleop", "recorder"} if robots > 1 else set()
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


def several_robots(number: int, folder: Path) -> str:
    """The policy for several robots, by the script in the document."""
    (script,) = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    path = folder / "several.py"
    path.write_text(script)
    command = [sys.executable, str(path), str(POLICY), str(number)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def found() -> set[Use]:
    return uses(path for path in product_files() if not path.stem.startswith(FOREIGN)) | shared_uses()


@pytest.fixture
def allowed() -> list[Rule]:
    return rules(POLICY.read_text())


def test_the_file_has_the_form_that_sros2_reads() -> None:
    root = ET.fromstring(POLICY.read_text(), ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
    assert root.tag == "policy" and root.attrib == {"version": "0.2.0"}
    (enclaves,) = root
    assert all(enclave.tag == "enclave" for enclave in enclaves), "sros2 takes a comment here for an enclave"
    for profile in root.iter("profile"):
        assert set(profile.attrib) == {"ns", "node"}
        for group in (each for each in profile if isinstance(each.tag, str)):
            assert set(group.attrib) <= set(RIGHTS[group.tag]) and set(group.attrib.values()) == {"ALLOW"}
            assert len(group) and all(f"{each.tag}s" == group.tag and each.text for each in group)


def test_every_node_and_every_person_has_one_enclave() -> None:
    paths = [enclave.get("path") for enclave in ET.parse(POLICY).getroot().iter("enclave")]
    assert sorted(map(str, paths)) == [
        "/arm", "/camera", "/doctor", "/episode", "/fci", "/learner", "/monitor", "/mujoco", "/operator", "/policy",
        "/recorder", "/renderer", "/sim", "/teleop",
    ]  # fmt: skip
    assert {node.full_name for node in finetune_graph(SETTINGS).nodes} <= set(paths)


def test_the_document_makes_and_describes_every_enclave() -> None:
    """Enforced, a node without its enclave does not start."""
    paths = {str(enclave.get("path")) for enclave in ET.parse(POLICY).getroot().iter("enclave")}
    text = DOC.read_text()
    (made,) = re.findall(r"for enclave in (.*?); do", text)
    described = set(re.findall(r"^\| `(/\w+)`", text, re.MULTILINE))
    assert sorted(made.split()) == sorted(paths) == sorted(described)


def test_every_interface_in_the_sources_is_found(found: set[Use]) -> None:
    """A regular expression that finds nothing would allow everything."""
    assert {
        Use("policy", "publish", "arm/command"),
        Use("policy", "publish", "any/arm/command"),
        Use("sim", "subscribe", "any/arm/command"),
        Use("sim", "publish", "any/joint_states"),
        Use("policy", "subscribe", "arm/current_pose"),
        Use("policy", "subscribe", "objects/any/pose"),
        Use("policy", "reply", "policy/set_mode"),
        Use("view", "publish", "camera/any/color/image_raw"),
        Use("camera", "publish", "camera/any/color/image_raw/compressed"),
        Use("arm", "execute", "arm/move_to_start"),
        Use("sim", "reply", "reset"),
        Use("episode", "request", "reset"),
        Use("learner", "publish", "actor_weights"),
        Use("monitor", "subscribe", "policy/status"),
        Use("managed", "publish", "/diagnostics"),
    } <= found


def test_each_node_may_do_what_its_source_does(found: set[Use], allowed: list[Rule]) -> None:
    assert not missing(found, allowed, robots=1)


def test_a_new_topic_or_node_without_permission_is_noticed(tmp_path: Path, allowed: list[Rule]) -> None:
    (tmp_path / "policy_debug_node.py").write_text('self.create_publisher(\n    String, f"debug/{name}", 10)')
    (tmp_path / "gripper_node.py").write_text('node.create_service(Trigger, "open", self._open)')
    lacks = missing(uses(tmp_path.glob("*.py")), allowed, robots=1)
    assert lacks == ["gripper: whose enclave is that?", "/policy may not publish /debug/any"]


def test_topics_and_services_of_the_table_are_found(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("topics.TELEOP.under(arm.arm).subscribe(node, f(partial(x), 1))")
    (tmp_path / "sim_node.py").write_text("self._add(topics.OBJECT_POSE.of(name))\nprint(topics.TELEOP.under(a).name)")
    (tmp_path / "episode_node.py").write_text("Robot(services.RESET.client(self))")
    assert uses(tmp_path.glob("*.py")) == {
        Use("policy", "subscribe", "teleop"),
        Use("policy", "subscribe", "any/teleop"),
        Use("sim", "publish", "objects/any/pose"),
        Use("episode", "request", "reset"),
    }


def test_a_topic_used_in_an_unknown_way_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("topics.ARM_STATUS.subscribe(node, f)\nmake(topics.ARM_STATUS)")
    with pytest.raises(AssertionError, match=r"what is done with topics.ARM_STATUS in line 2"):
        uses([tmp_path / "policy_node.py"])


def test_a_name_that_cannot_be_read_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "policy_node.py").write_text("self.create_publisher(String, somewhere, 10)")
    with pytest.raises(AssertionError, match="which name somewhere is"):
        uses([tmp_path / "policy_node.py"])


@pytest.mark.parametrize("right", ["publish", "reply"])
def test_nobody_may_do_what_another_node_does_alone(found: set[Use], allowed: list[Rule], right: str) -> None:
    assert not intruders(found, allowed, right)


def test_a_right_too_many_is_noticed(found: set[Use], allowed: list[Rule]) -> None:
    more = [*allowed, Rule("/operator", "publish", "/arm/*")]
    assert intruders(found, more, "publish") == [
        f"/operator may publish /arm/{name}"
        for name in ("command", "current_pose", "current_twist", "external_wrench", "status")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "name", "who"),
    [
        ("publish", "/arm/command", {"/policy"}),
        ("publish", "/left/arm/command", {"/policy"}),
        ("publish", "/left/arm/status", {"/sim"}),
        ("publish", "/replay", {"/policy"}),
        ("publish", "/replay/journal", {"/policy"}),
        ("publish", "/replay/ack", {"/learner"}),
        ("publish", "/actor_weights", {"/learner"}),
        ("publish", "/learner/status", {"/learner"}),
        ("publish", "/joint_states", {"/sim", "/arm", "/mujoco"}),
        ("publish", "/scene/state", {"/fci", "/mujoco"}),
        ("subscribe", "/scene/state", {"/renderer", "/operator", "/recorder"}),
        ("publish", "/camera/front/color/image_raw", {"/sim", "/renderer", "/camera"}),
        ("publish", "/arm/current_pose", {"/sim", "/arm", "/mujoco"}),
        ("publish", "/episode/event", {"/episode"}),
        ("publish", "/doctor/image", {"/doctor"}),
        ("subscribe", "/arm/command", {"/sim", "/arm", "/mujoco", "/operator", "/recorder"}),
        ("request", "/scene/reset", {"/arm", "/mujoco"}),
        ("subscribe", "/replay/ack", {"/policy", "/episode", "/operator", "/recorder"}),
        ("subscribe", "/replay/journal", {"/learner", "/monitor", "/operator", "/recorder"}),
        ("subscribe", "/learner/status", {"/policy", "/episode", "/monitor", "/operator", "/recorder"}),
        ("request", "/reset", {"/episode"}),
        ("request", "/policy/set_parameters", set()),
        *(("request", name, {"/operator", "/teleop"} if name.startswith(BY_HAND) else {"/operator"}) for name in HUMAN),
        ("request", "/arm/hold", {"/operator", "/teleop", "/policy"}),  # the last one at the end of a playback
        ("reply", "/arm/hold", OF_ANY_ARM),
        ("publish", "/teleop", {"/teleop"}),
        ("publish", "/operator/prompt", {"/operator"}),
        ("reply", "/scene/reset", {"/fci", "/mujoco", "/operator"}),
        ("request", "/arm/arm", {"/operator"}),  # the old name of arm/enable
        ("reply", "/arm/arm", OF_ANY_ARM),
        *(("reply", name, OF_ANY_ARM if name.startswith("/arm/") else {"/" + name.split("/")[1]}) for name in HUMAN),
        ("execute", "/arm/move_to_start", OF_ANY_ARM),
        ("call", "/arm/move_to_start", {"/operator"}),
        ("publish", "/arm/estop", {"/operator"}),
    ],
)
def test_who_may(allowed: list[Rule], right: str, name: str, who: set[str]) -> None:
    assert holders(allowed, right, name) == who


def test_several_robots_have_enclaves_of_their_own(tmp_path: Path, found: set[Use]) -> None:
    allowed = rules(several_robots(3, tmp_path))
    assert not missing(found, allowed, robots=3)
    for i in (1, 2, 3):
        for arm in ("", "left/"):
            assert holders(allowed, "publish", f"/robot_{i}/{arm}arm/command") == {f"/robot_{i}/policy"}
        assert holders(allowed, "publish", f"/robot_{i}/joint_states") == {
            f"/robot_{i}/{name}" for name in ("sim", "arm", "mujoco")
        }
        assert holders(allowed, "request", f"/robot_{i}/reset") == {f"/robot_{i}/episode"}
        assert holders(allowed, "request", f"/robot_{i}/policy/roll_back") == {"/operator"}
        assert holders(allowed, "subscribe", f"/robot_{i}/policy/status") == {
            f"/robot_{i}/episode", f"/robot_{i}/recorder", "/monitor", "/operator",
        }  # fmt: skip
    assert holders(allowed, "publish", "/replay") == {f"/robot_{i}/policy" for i in (1, 2, 3)}
    assert holders(allowed, "publish", "/actor_weights") == {"/learner"}
    assert "/policy" not in {rule.enclave for rule in allowed}


def test_the_links_of_the_document_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", DOC.read_text()) if not link.startswith("http")]
    assert links and all((DOC.parent / link).exists() for link in links)
