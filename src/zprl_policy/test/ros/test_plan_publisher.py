"""Plans are published to those who listen, and cost nothing without them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.observation import Observation, Pose
from zprl_core.ros.conversions import ns_from
from zprl_policy.ros import plan_publisher
from zprl_policy.ros.plan_publisher import PlanPublisher

pytestmark = pytest.mark.ros

S = 1_000_000_000
SEEN = Observation.of_arm(S, Pose((0.4, 0.0, 0.2)), 0.08)
ACTIONS = np.array([[1.0, 0.0, 0.0, 0.0, 1.0]] * 3, np.float32)


class Publisher:
    """As far as PlanPublisher uses it."""

    def __init__(self) -> None:
        self.subscribers, self.published = 0, []

    def get_subscription_count(self) -> int:
        return self.subscribers

    def publish(self, message: Any) -> None:
        self.published.append(message)


class Node:
    """Makes publishers, and keeps them by topic."""

    def __init__(self) -> None:
        self.publishers: dict[str, Publisher] = {}

    def create_publisher(self, kind: type, name: str, qos: Any) -> Publisher:
        return self.publishers.setdefault(name, Publisher())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr(plan_publisher.time, "monotonic", lambda: now[0])
    yield now


def test_without_a_subscriber_nothing_is_computed(clock: list[float]) -> None:
    plans = PlanPublisher(node := Node(), PLANAR)  # type: ignore[arg-type]
    plans.offer(SEEN, ACTIONS, lambda: pytest.fail("the base was computed"), 0.03)
    plans.use(1.0)
    assert not any(publisher.published for publisher in node.publishers.values())


def test_both_plans_have_frame_stamps_and_poses(clock: list[float]) -> None:
    plans = PlanPublisher(node := Node(), PLANAR)  # type: ignore[arg-type]
    for publisher in node.publishers.values():
        publisher.subscribers = 1
    plans.offer(SEEN, ACTIONS, lambda: ACTIONS * 0, 0.03)
    plans.use(1.0)
    (plan,), (base,) = (node.publishers[name].published for name in ("arm/plan", "arm/base_plan"))
    assert [p.pose.position.x for p in plan.poses] == pytest.approx([0.42, 0.44, 0.46])
    assert [p.pose.position.x for p in base.poses] == pytest.approx([0.40, 0.40, 0.40])
    assert [ns_from(p.header.stamp) - S for p in plan.poses] == [50_000_000, 100_000_000, 150_000_000]
    assert plan.header.frame_id == plan.poses[0].header.frame_id == "fr3_link0"


def test_plans_come_at_a_bounded_rate(clock: list[float]) -> None:
    plans = PlanPublisher(node := Node(), PLANAR)  # type: ignore[arg-type]
    node.publishers["arm/plan"].subscribers = 1
    for _ in range(100):  # a second
        plans.offer(SEEN, ACTIONS, lambda: ACTIONS, 0.03)
        clock[0] += 0.01
    assert len(node.publishers["arm/plan"].published) == 5


def test_the_base_is_computed_in_spare_time_only(clock: list[float]) -> None:
    plans = PlanPublisher(node := Node(), PLANAR)  # type: ignore[arg-type]
    base = node.publishers["arm/base_plan"]
    base.subscribers = 1
    plans.offer(SEEN, ACTIONS, lambda: ACTIONS, inference_s=0.03)
    plans.use(0.05)
    assert not base.published
    plans.use(0.07)
    plans.use(0.07)
    assert len(base.published) == 1


def test_joint_commands_have_no_plan() -> None:
    node = Node()
    PlanPublisher(node, ActionSpec((ArmAction(motion=JointAction(("a", "b"))),)))  # type: ignore[arg-type]
    assert not node.publishers
