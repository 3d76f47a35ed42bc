"""Topics and services are named once, in zprl_core.ros, and the documentation lists exactly those."""

import ast
import re
from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from rclpy.qos import DurabilityPolicy

from source_files import ROOT, product_files
from zprl_core.ros import services, topics
from zprl_core.ros.interfaces import Action, Service, Topic

PAGE = ROOT / "docs" / "reference" / "ros-interface.md"
TABLES = [
    ROOT / "src" / "zprl_core" / "zprl_core" / name for name in ("topic_names.py", "ros/topics.py", "ros/services.py")
]
LIBRARIES = [*(ROOT / "tests" / "support").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
CREATE = re.compile(r"create_(lifecycle_)?(publisher|subscription|service|client)|Action(Server|Client)")

TOPICS = {name: value for name, value in vars(topics).items() if isinstance(value, Topic)}
SERVICES = {name: value for name, value in vars(services).items() if isinstance(value, Service)}
ACTIONS = {name: value for name, value in vars(services).items() if isinstance(value, Action)}
NAMES = {each.name for table in (TOPICS, SERVICES, ACTIONS) for each in table.values()}
ANY = re.compile(r"\{[^}]*\}")


def literals(call: ast.Call) -> list[str]:
    """The strings among a call's arguments, relative, with {name} for what a formatted one inserts."""
    found = []
    for each in (node for argument in [*call.args, *(k.value for k in call.keywords)] for node in ast.walk(argument)):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            found.append(each.value)
        elif isinstance(each, ast.JoinedStr):
            found.append(ANY.sub("{name}", ast.unparse(each)[2:-1]))
    return found


def named_again(source: str) -> list[str]:
    """Literals of calls that make publishers and the like, and that are names of the tables."""
    relative = {name.lstrip("/") for name in NAMES}
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    creates = [call for call in calls if CREATE.fullmatch(ast.unparse(call.func).split(".")[-1])]
    return [text for call in creates for text in literals(call) if text.lstrip("/") in relative]


def rows(header: str) -> list[tuple[str, str]]:
    """Name and type cell of each name in the page's tables with this first column."""
    found, inside = [], False
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and not inside:
            inside = cells[0] == header
        elif not line.startswith("|"):
            inside = False
        elif inside and not cells[0].startswith("---"):
            found += [(name, cells[1]) for name in re.findall(r"`([^`]+)`", cells[0])]
    return found


def type_of(value: Topic | Service | Action) -> str:
    """The type as ROS writes it, for example std_msgs/String, and whether late subscribers get the newest message."""
    latched = isinstance(value, Topic) and value.qos.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return f"{value.type.__module__.split('.')[0]}/{value.type.__name__}" + (", latched" if latched else "")


@pytest.mark.parametrize(("header", "table"), [("topic", TOPICS), ("service", SERVICES), ("action", ACTIONS)])
def test_the_page_lists_exactly_what_is_defined(header: str, table: dict[str, Topic | Service | Action]) -> None:
    defined = [(value.name.replace("{name}", "<name>"), type_of(value)) for value in table.values()]
    assert sorted(rows(header)) == sorted(defined)


@pytest.mark.parametrize("path", [*product_files(), *LIBRARIES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_call_names_a_topic_or_service_again(path: Path) -> None:
    again = named_again(path.read_text())
    assert not again, f"{path} names {again} again; use zprl_core.ros.topics or zprl_core.ros.services"


def test_no_other_module_spells_a_name() -> None:
    """Names of one word, such as reset, are words of other things too."""
    ours = {name for name in NAMES if "/" in name.strip("/~")}
    again = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for path in product_files()
        if path not in TABLES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in ours
    ]
    assert not again, f"use zprl_core.ros.topics, zprl_core.ros.services or zprl_core.topic_names: {again}"


@pytest.mark.parametrize(
    ("source", "again"),
    [
        ('node.create_publisher(ArmStatus, "arm/status", 10)', ["arm/status"]),
        ('self._node.create_subscription(LearnerStatus, "/learner/status", hear, 10)', ["/learner/status"]),
        ('node.create_publisher(Image, f"camera/{name}/color/image_raw", 10)', ["camera/{name}/color/image_raw"]),
        ('node.create_publisher(ArmCommand, arm.topic("arm/command"), 10)', ["arm/command"]),
        ('ActionServer(node, MoveToStart, "arm/move_to_start", execute)', ["arm/move_to_start"]),
        ('node.create_client(srv_type=Reset, srv_name="reset")', ["reset"]),
        ('node.create_publisher(String, "/robot_description", 10)', ["/robot_description"]),
        ('node.create_publisher(String, "/robot_name", 10)', []),
        ("node.create_subscription(JointState, settings.joint_states, hear, 10)", []),
        ('print("reset")', []),
    ],
)
def test_a_name_given_again_is_noticed(source: str, again: list[str]) -> None:
    assert named_again(source) == again


def test_each_is_named_once_and_used() -> None:
    source = "\n".join(path.read_text() for path in product_files())
    for module, tables in (("topics", [TOPICS]), ("services", [SERVICES, ACTIONS])):
        values = [value for table in tables for value in table.values()]
        assert len({value.name for value in values}) == len(values)
        unused = [name for table in tables for name in table if not re.search(rf"\b{module}\.{name}\b", source)]
        assert not unused
