"""What nodes make of a topic and a service."""

from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from std_msgs.msg import String
from std_srvs.srv import Trigger

from zprl_core.observation_spec import arm_observation
from zprl_core.ros import qos, topics
from zprl_core.ros.interfaces import Service, Topic
from zprl_core.ros.samples import TYPES

PROMPT = Topic("operator/prompt", String, qos.LATCHED)
CONFIRM = Service("operator/confirm", Trigger)


class FakeNode:
    """Each method returns its name and arguments."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: (name, *args, *kwargs.items())


NODE: Any = FakeNode()


def hear(message: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "namespace", "expected"),
    [
        ("arm/status", "", "arm/status"),
        ("arm/status", "left", "left/arm/status"),
        ("arm/status", "/robot_1", "/robot_1/arm/status"),
        ("arm/status", "/", "/arm/status"),
    ],
)
def test_a_topic_in_a_namespace(name: str, namespace: str, expected: str) -> None:
    topic = Topic(name, String, qos.STATE).under(namespace)
    assert topic == Topic(expected, String, qos.STATE)


def test_a_topic_of_an_object_in_a_namespace() -> None:
    assert topics.OBJECT_POSE.under("robot_1").of("cube").name == "robot_1/objects/cube/pose"


def test_publishers_have_the_type_name_and_qos() -> None:
    assert PROMPT.publisher(NODE) == ("create_publisher", String, "operator/prompt", qos.LATCHED)
    assert PROMPT.lifecycle_publisher(NODE) == ("create_lifecycle_publisher", String, "operator/prompt", qos.LATCHED)
    assert PROMPT.lifecycle_publisher(NODE, qos.STATE)[-1] is qos.STATE


def test_a_subscriber_may_give_its_own_qos() -> None:
    subscription = ("create_subscription", String, "operator/prompt", hear)
    assert PROMPT.subscribe(NODE, hear) == (*subscription, qos.LATCHED, ("raw", False))
    assert PROMPT.subscribe(NODE, hear, qos.STATE, raw=True) == (*subscription, qos.STATE, ("raw", True))


def test_a_service_is_served_and_called_with_its_type_and_name() -> None:
    assert CONFIRM.serve(NODE, max) == ("create_service", Trigger, "operator/confirm", max)
    assert CONFIRM.client(NODE) == ("create_client", Trigger, "operator/confirm")


def test_the_streams_of_an_arm_are_topics_of_the_same_type() -> None:
    defined = {topic.name: topic.type for topic in vars(topics).values() if isinstance(topic, Topic)}
    tool, width, cube = arm_observation(("cube",)).streams
    assert defined[tool.topic] is TYPES[tool.kind]
    assert defined[width.topic] is TYPES[width.kind]
    assert cube.topic == topics.OBJECT_POSE.of("cube").name and topics.OBJECT_POSE.type is TYPES[cube.kind]
