"""What the process that started a graph hears of it: a person's help, and what a person shall do."""

import os
import time
from pathlib import Path

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus  # noqa: E402
from rclpy.qos import DurabilityPolicy, QoSProfile  # noqa: E402
from std_msgs.msg import String  # noqa: E402

from listener import Listener  # noqa: E402
from zprl_bringup.graph.graphs import finetune_graph  # noqa: E402
from zprl_bringup.graph.run_options import RunOptions  # noqa: E402
from zprl_bringup.graph.settings import GraphSettings  # noqa: E402
from zprl_bringup.graph.spec import Graph, NodeSpec  # noqa: E402
from zprl_bringup.ros.monitor import GraphMonitor, stopped  # noqa: E402
from zprl_core.episode_event import NO_EPISODE  # noqa: E402
from zprl_core.ros.qos import LATCHED, STATE  # noqa: E402
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus  # noqa: E402

pytestmark = pytest.mark.ros
DOMAIN = 1 + os.getpid() % 9


def test_a_success_with_help_is_none_of_the_policys() -> None:
    monitor = GraphMonitor(Graph(()), DOMAIN)
    for person in (False, True, False):
        monitor._on_episode(EpisodeEvent(robot="robot", kind=EpisodeEvent.STARTED))
        for touched in (False, person, False):
            monitor._on_arm("arm", "robot", ArmStatus(mode=ArmStatus.STREAM, person=touched))
        monitor._on_episode(EpisodeEvent(robot="robot", kind=EpisodeEvent.SUCCESS, reward=1.0))
    now = monitor.progress()
    assert (now.episodes_50, now.successes_50, now.held) == (3, 2, ())


def test_episodes_faults_and_prompts_of_a_graph_are_heard() -> None:
    settings = GraphSettings("run", Path("/r"), RunOptions(base=Path("/b"), robot="franky", lockstep=False))
    lab = Listener(DOMAIN)
    latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    arm = lab.node.create_publisher(ArmStatus, "arm/status", STATE)
    events = lab.node.create_publisher(EpisodeEvent, "episode/event", latched)
    prompts = lab.node.create_publisher(String, "operator/prompt", LATCHED)

    try:
        with GraphMonitor(finetune_graph(settings), DOMAIN) as monitor:
            lab.until(lambda: all(each.get_subscription_count() for each in (arm, events, prompts)))
            events.publish(EpisodeEvent(robot="robot", kind=EpisodeEvent.SUCCESS, reward=1.0))
            prompts.publish(String(data="put the scene in order"))
            while not (monitor.progress().held and monitor.progress().prompt and monitor.progress().episodes):
                arm.publish(ArmStatus(mode=ArmStatus.FAULT, reason="it hit something"))
                monitor.spin(0.1)
            now = monitor.progress()
    finally:
        lab.close()
    assert (now.episodes_50, now.successes_50) == (1, 1)
    assert now.held == ("arm: it hit something; call arm/recover, then arm/enable",)
    assert now.prompt == "put the scene in order"


def test_an_arm_that_is_well_does_not_hide_the_fault_of_another() -> None:
    arms = tuple(NodeSpec("p", "arm_node", "arm", name, {"robot": "robot"}, is_arm=True) for name in ("left", "right"))
    monitor = GraphMonitor(Graph(arms), DOMAIN)
    monitor._on_arm("left.arm", "robot", ArmStatus(mode=ArmStatus.FAULT, reason="it hit something"))
    monitor._on_arm("right.arm", "robot", ArmStatus(mode=ArmStatus.STREAM))
    assert monitor.progress().held == ("arm: it hit something; call arm/recover, then arm/enable",)


def test_an_arm_that_waits_for_a_person_says_so() -> None:
    fault = ArmStatus(mode=ArmStatus.FAULT, reason="the external force is 61.0 N")
    assert stopped(fault) == "arm: the external force is 61.0 N; call arm/recover, then arm/enable"
    assert "arm/release" in stopped(ArmStatus(mode=ArmStatus.ESTOP, reason="emergency stop"))
    lost = ArmStatus(mode=ArmStatus.DISCONNECTED, reason="the arm at 10.0.0.1 is not reachable")
    assert stopped(lost) == "arm: the arm at 10.0.0.1 is not reachable"
    assert stopped(ArmStatus(mode=ArmStatus.HOLD, reason="policy is silent")) == stopped(ArmStatus(mode=200)) == ""


def test_what_the_nodes_of_this_graph_wait_for_is_heard() -> None:
    nodes = (NodeSpec("p", "camera_node", "front", "left"), NodeSpec("p", "arm_node", "arm", is_arm=True))
    monitor = GraphMonitor(Graph(nodes), DOMAIN)
    bad = [DiagnosticStatus(name=n, level=DiagnosticStatus.WARN, message="no image") for n in ("/left/front", "/other")]
    monitor._on_diagnostics(DiagnosticArray(status=bad))
    monitor._on_arm("arm", "robot", ArmStatus(mode=ArmStatus.RESET))
    assert monitor.progress().waits == ("arm: the arm is moving to its start", "left.front: no image")
    monitor._on_diagnostics(DiagnosticArray(status=[DiagnosticStatus(name="/left/front", message="")]))
    monitor._on_arm("arm", "robot", ArmStatus(mode=ArmStatus.HOLD))
    assert monitor.progress().waits == ()


def test_why_the_policy_holds_and_an_episode_was_discarded_is_shown_but_not_that_none_runs() -> None:
    policies = (NodeSpec("zprl_policy", "policy_node", "policy", "", {"robot": "robot"}),)
    monitor = GraphMonitor(Graph(policies), DOMAIN)
    monitor._on_policy("policy", PolicyStatus(hold_reason=NO_EPISODE))
    assert monitor.progress().held == ()
    monitor._on_policy("policy", PolicyStatus(hold_reason=f"{NO_EPISODE}: the learner owes 201 updates"))
    assert monitor.progress().held == ()  # the episode node says it too
    monitor._on_policy("policy", PolicyStatus(hold_reason="objects/cube/pose has no stamp"))
    monitor._on_episode(EpisodeEvent(robot="robot", kind=EpisodeEvent.DISCARDED, episode=3, reason="the clock was set"))
    assert monitor.progress().held == (
        "policy: objects/cube/pose has no stamp",
        "robot: episode 3 was discarded: the clock was set",
    )
    monitor._on_episode(EpisodeEvent(robot="robot", kind=EpisodeEvent.STARTED, episode=4))
    assert monitor.progress().held == ("policy: objects/cube/pose has no stamp",)


def test_old_figures_of_a_learner_are_not_shown_as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    monitor = GraphMonitor(Graph((NodeSpec("zprl_policy", "policy_node", "policy"),)), DOMAIN)
    monitor._on_learner(LearnerStatus(updates=7))
    assert (monitor.progress().updates, monitor.progress().waits, monitor.progress().learner_age_s) == (7, (), 0.0)
    now_s += 12
    assert monitor.progress().waits == ("learner: its last status is 12 s old, and so are the figures shown",)
    assert monitor.progress().learner_age_s == 12.0


@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_trouble_of_a_learner_on_another_machine_is_shown(elsewhere: bool) -> None:
    """Here its diagnostics say it."""
    nodes = () if elsewhere else (NodeSpec("zprl_learner", "learner_node", "learner"),)
    monitor = GraphMonitor(Graph(nodes), DOMAIN)
    monitor._on_learner(LearnerStatus(trouble="the disk is full"))
    assert monitor.progress().waits == (("learner: the disk is full",) if elsewhere else ())
