"""A simulated robot in Foxglove: a viewer gets every topic of its graph, and can decode each message."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from subprocess import Popen

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")
pytest.importorskip("mujoco")

from can_render import needs_renderer
from foxglove_client import FoxgloveClient
from listener import Listener, start_node, stop_node
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core.ros import topics
from zprl_core.ros.interfaces import Topic

pytestmark = [pytest.mark.ros, needs_renderer]

ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+")
LIVE: tuple[Topic, ...] = (  # that the nodes below publish all the time, or have latched
    topics.JOINT_STATES, topics.CURRENT_POSE, topics.ARM_STATUS, topics.ROBOT_DESCRIPTION,
    topics.OBJECT_POSE.of("cube"), topics.SUCCESS, topics.SCENE_STATE, topics.COLOR_IMAGE.of("wrist"),
    topics.COLOR_INFO.of("wrist"), topics.VIEW_MARKERS, topics.VIEW_DESCRIPTION, topics.DIAGNOSTICS,
    topics.TF, topics.TF_STATIC,
)  # fmt: skip
NODES = (
    ("zprl_sim.ros.mujoco_arm_node", ()),
    ("zprl_sim.ros.renderer_node", ("cameras:=[wrist]", "width:=64", "height:=48")),
    ("zprl_view.ros.view_node", ("objects:=[cube]", "cameras:=[wrist]")),
)


@dataclass(frozen=True)
class Graph:
    """A robot, what shows it, and the address of the Foxglove node."""

    listener: Listener
    address: str


@pytest.fixture(scope="module")
def graph() -> Iterator[Graph]:
    with own_domain({}) as domain, ExitStack() as stack:
        for module, parameters in NODES:
            _started(stack, domain, module, *parameters)
        node = _started(stack, domain, "zprl_view.ros.foxglove_node", "port:=0", "image_rate:=0.5")
        assert node.stderr is not None
        address = next(found[0] for line in node.stderr if (found := ADDRESS.search(line)))
        listener = Listener(domain)
        stack.callback(listener.close)
        yield Graph(listener, address)


def _started(stack: ExitStack, domain: int, module: str, *parameters: str) -> "Popen[str]":
    process = start_node(domain, ["-m", module], *parameters)
    stack.callback(_ended_well, process)
    return process


def _ended_well(process: "Popen[str]") -> None:
    assert stop_node(process) == 0


@pytest.fixture
def viewer(graph: Graph) -> Iterator[FoxgloveClient]:
    client = FoxgloveClient(graph.address)
    names = {full_name(topic) for topic in LIVE}
    client.until(lambda: names <= client.channels.keys())
    yield client
    client.close()


def full_name(topic: Topic) -> str:
    return f"/{topic.name.lstrip('/')}"


def test_a_viewer_is_offered_every_topic_with_its_type_and_decodes_every_message(
    graph: Graph, viewer: FoxgloveClient
) -> None:
    node = graph.listener.node
    found = {name: kinds[0] for name, kinds in node.get_topic_names_and_types() if node.count_publishers(name)}
    kinds = {name: kind for name, kind in found.items() if "/_" not in name}  # the others are hidden, as of actions
    viewer.until(lambda: kinds.keys() <= viewer.channels.keys())
    viewer.subscribe(viewer.channels)
    viewer.until(lambda: all(viewer.heard[full_name(topic)] for topic in LIVE))
    for name, kind in kinds.items():
        assert viewer.channels[name].schemaName == kind
        for message in viewer.heard[name]:
            viewer.decoded(name, message)
    first = {full_name(t): viewer.decoded(full_name(t), viewer.heard[full_name(t)][0]) for t in LIVE}
    assert first["/joint_states"].name[0] == "fr3_joint1" and len(first["/joint_states"].position) >= 7
    assert (first["/camera/wrist/color/image_raw"].height, first["/camera/wrist/color/image_raw"].width) == (48, 64)
    assert first["/robot_description"].data.startswith("<?xml") or "<robot" in first["/robot_description"].data


def test_latched_messages_are_repeated_for_a_second_viewer(graph: Graph, viewer: FoxgloveClient) -> None:
    latched = [full_name(topic) for topic in (topics.ROBOT_DESCRIPTION, topics.VIEW_DESCRIPTION, topics.TF_STATIC)]
    second = FoxgloveClient(graph.address)
    try:
        for client in (viewer, second):
            client.until(lambda client=client: set(latched) <= client.channels.keys())  # type: ignore[misc]
            client.subscribe(latched)
            client.until(lambda client=client: all(client.heard.values()))  # type: ignore[misc]
    finally:
        second.close()


def test_only_topics_with_viewers_are_subscribed_to(graph: Graph, viewer: FoxgloveClient) -> None:
    name = full_name(topics.COLOR_IMAGE.of("wrist"))

    def subscribers() -> int:
        graph.listener.spin(0.05)
        found = graph.listener.node.get_subscriptions_info_by_topic(name)
        return sum(each.node_name == "foxglove" for each in found)

    graph.listener.until(lambda: subscribers() == 0)
    viewer.subscribe([name])
    viewer.until(lambda: viewer.heard[name] and subscribers() == 1)
    viewer.unsubscribe(name)
    graph.listener.until(lambda: subscribers() == 0)
    viewer.subscribe([name])
    graph.listener.until(lambda: subscribers() == 1)
    viewer.close()
    graph.listener.until(lambda: subscribers() == 0)


def test_images_are_limited_in_rate(viewer: FoxgloveClient) -> None:
    image, info = (full_name(topic.of("wrist")) for topic in (topics.COLOR_IMAGE, topics.COLOR_INFO))
    viewer.subscribe([image, info])
    viewer.until(lambda: len(viewer.heard[info]) >= 60)  # one with each image
    assert 0 < len(viewer.heard[image]) < len(viewer.heard[info]) / 2


def test_viewers_can_fetch_meshes_and_cannot_write(viewer: FoxgloveClient) -> None:
    assert viewer.info["capabilities"] == ["assets"]
    mesh = viewer.fetch("package://zprl_sim/meshes/hand_light.stl")
    assert mesh is not None and len(mesh) > 1000
    assert viewer.fetch("package://zprl_sim/package.xml") is None
