"""A graph that does not go on says which node is silent, or why no step is made."""

from pathlib import Path

from zprl_bringup.graph.spec import Graph, NodeSpec
from zprl_bringup.runner.graph_waiting import GraphWaiting
from zprl_bringup.runner.run_status import RunStatus

LEARNER = NodeSpec("zprl_learner", "learner_node", "learner")
POLICIES = tuple(NodeSpec("zprl_policy", "policy_node", "policy", robot) for robot in ("robot_1", "robot_2"))


def after(seconds: int, status: RunStatus, *nodes: NodeSpec) -> str:
    """What is said when the status stays for so long."""
    waiting = GraphWaiting(Graph(nodes), Path("/runs/up/logs"))
    return "".join(waiting.message(status, float(now)) for now in range(seconds + 1))


def test_silent_nodes_are_named_after_five_seconds() -> None:
    status = RunStatus(robots_seen=1)
    assert after(4, status, LEARNER, *POLICIES) == ""
    missing = "learner and 1 of robot_1.policy, robot_2.policy"
    look_at = "see /runs/up/logs; Ctrl-C stops everything"
    assert after(5, status, LEARNER, *POLICIES) == f"waiting for {missing} for 5 s; {look_at}"
    assert after(6, RunStatus(), POLICIES[0]).startswith("waiting for robot_1.policy for 5 s")


def test_a_graph_without_policies_waits_for_nothing() -> None:
    assert after(99, RunStatus(), NodeSpec("zprl_sim", "sim_node", "sim")) == ""


def test_without_steps_it_says_why() -> None:
    held = RunStatus(robot_steps=7, learner_seen=True, robots_seen=2, held=("policy: front is stale",))
    assert "waiting for the next control step for 5 s; policy: front is stale" in after(8, held, LEARNER, *POLICIES)
    asked = RunStatus(robot_steps=7, learner_seen=True, robots_seen=2, prompt="arrange the scene")
    assert after(8, asked, LEARNER, *POLICIES).endswith("; you: arrange the scene")
    silent = RunStatus(robot_steps=7, learner_seen=True, robots_seen=2)
    assert after(8, silent, LEARNER, *POLICIES).endswith("; see /runs/up/logs; Ctrl-C stops everything")


def test_the_problem_of_a_node_is_shown_whether_steps_are_made_or_not() -> None:
    why = "camera_front: no image for more than 1 s"
    stalled = RunStatus(robot_steps=7, learner_seen=True, robots_seen=2, held=("policy: front is stale",), waits=(why,))
    assert after(8, stalled, LEARNER, *POLICIES).endswith(f"; policy: front is stale; {why}")
    waiting = GraphWaiting(Graph((LEARNER, *POLICIES)), Path("/logs"))
    statuses = [RunStatus(robot_steps=now, learner_seen=True, robots_seen=2, waits=(why,)) for now in range(70)]
    said = [(now, waiting.message(status, float(now))) for now, status in enumerate(statuses)]
    assert [now for now, words in said if words] == [5, 20, 65]
    assert said[5][1] == "waiting for camera_front for 5 s; no image for more than 1 s"
    arms = RunStatus(waits=("arm: the arm is not reachable",))
    assert "waiting for arm for 5 s" in after(5, arms, NodeSpec("p", "arm_node", "arm"))


def test_a_problem_that_comes_and_goes_is_not_shown() -> None:
    waiting = GraphWaiting(Graph((LEARNER, *POLICIES)), Path("/logs"))
    for now in range(60):
        waits = ("sim: control ticks start late",) if now % 6 < 4 else ()
        assert waiting.message(RunStatus(robot_steps=now, learner_seen=True, robots_seen=2, waits=waits), now) == ""


def test_a_problem_that_comes_and_goes_for_long_is_shown_ever_more_rarely() -> None:
    waiting, shown = GraphWaiting(Graph((LEARNER, *POLICIES)), Path("/logs")), []
    for now in range(400):
        waits = ("camera_front: no image for more than 1 s",) if now % 10 < 7 else ()
        status = RunStatus(robot_steps=now, learner_seen=True, robots_seen=2, waits=waits)
        shown += [now] if waiting.message(status, now) else []
    assert shown == [5, 25, 75, 195, 315]


def test_while_steps_are_made_it_is_silent() -> None:
    waiting = GraphWaiting(Graph((LEARNER, *POLICIES)), Path("/logs"))
    statuses = [RunStatus(robot_steps=now, learner_seen=True, robots_seen=2) for now in range(60)]
    assert [waiting.message(status, float(now)) for now, status in enumerate(statuses)] == [""] * 60
