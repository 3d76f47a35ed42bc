"""A whole graph, run and watched by one process. Small ROS nodes stand in for learner and policies."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from zprl_bringup.graph.spec import Graph, NodeSpec
from zprl_bringup.runner.run_graph import DELIVER_S, HEARD_S, TOLD_S, LastEpisodes
from zprl_bringup.runner.run_status import RunStatus

pytestmark = [pytest.mark.ros]

LEARNER = """
import rclpy
from zprl_core.ros.qos import LATCHED_EVENTS
from zprl_msgs.msg import EpisodeEvent, LearnerStatus
rclpy.init()
node = rclpy.create_node("unnamed")
node.declare_parameter("learner.sac.actor_lr", 0.0)
node.declare_parameter("run", "")
status = node.create_publisher(LearnerStatus, "learner/status", 10)
events = node.create_publisher(EpisodeEvent, "episode/event", LATCHED_EVENTS)
ticks = 0
def tick():
    global ticks
    ticks += 1
    lr = node.get_parameter("learner.sac.actor_lr").value
    status.publish(LearnerStatus(run=node.get_parameter("run").value, env_steps=10 * ticks, updates=ticks,
                                 update_debt=-1, updates_per_s=lr, episodes=ticks))
    events.publish(EpisodeEvent(kind=[0, 1, 3, 4][ticks % 4]))
node.create_timer(0.05, tick)
print("up", flush=True)
try:
    rclpy.spin(node)  # a SIGINT in the wrong microsecond is an RCLError, or a SystemError
finally:
    print("saved", flush=True)
"""
POLICY = """
import rclpy
from zprl_msgs.msg import PolicyStatus
rclpy.init()
node = rclpy.create_node("unnamed")
status = node.create_publisher(PolicyStatus, "policy/status", 10)
node.create_timer(0.05, lambda: status.publish(PolicyStatus(hold_reason="front is stale", lost_ticks=2)))
print("up", flush=True)
rclpy.spin(node)
"""
LATE = """
import time
import rclpy
from zprl_msgs.msg import PolicyStatus
rclpy.init()
node = rclpy.create_node("unnamed")
status = node.create_publisher(PolicyStatus, "policy/status", 10)
met, gone_s = False, 0.0
def tick():
    global met, gone_s
    there = node.count_publishers("/last_episode") > 0
    met |= there
    if met and not there and not gone_s:
        gone_s = time.monotonic()
    status.publish(PolicyStatus(backlog=0 if gone_s and time.monotonic() > gone_s + 3 else 3))
node.create_timer(0.05, tick)
print("up", flush=True)
rclpy.spin(node)
"""
ENDS = """
import time
import rclpy
from std_msgs.msg import Empty
rclpy.init()
node = rclpy.create_node("unnamed")
node.create_publisher(Empty, "/last_episode", 1)
topics = "/learner/status", "/robot_1/policy/status", "/robot_2/policy/status"
while any(node.count_publishers(name) == 0 or node.count_subscribers(name) == 0 for name in topics):
    time.sleep(0.05)
time.sleep(3)
node.destroy_node()
rclpy.shutdown()
"""
FAILS = """
import sys
print("base/checkpoint.json is missing; make one with zprl pretrain")
sys.exit(2)
"""
PROGRAM = """
import sys
from pathlib import Path
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec
from zprl_bringup.graph.graphs import default_env
from zprl_bringup.runner.run_graph import run_graph
folder, until = Path(sys.argv[1]), float(sys.argv[2])
prefix = folder / "prefix/lib/stand_ins"
ending = [NodeSpec("stand_ins", "episode_node", "episodes")] if (prefix / "episode_node").exists() else []
graph = Graph((
    *ending,
    NodeSpec("stand_ins", "learner_node", "learner", parameters={"learner.sac.actor_lr": 1e-5, "run": "007"}),
    NodeSpec("stand_ins", "policy_node", "policy", "robot_1"),
    NodeSpec("stand_ins", "policy_node", "policy", "robot_2"),
), default_env())
try:
    enough = lambda p: p.env_steps >= until and p.robots_seen == 2 and p.episodes_50 >= 10
    print(run_graph(graph, folder, enough))
except GraphError as error:
    sys.exit(f"error: {error}")
except KeyboardInterrupt:
    sys.exit("interrupted")
"""


@pytest.fixture
def run(tmp_path: Path):
    """run(until, policy=..., domain=...) starts PROGRAM on stand-ins for the nodes."""
    pytest.importorskip("zprl_msgs.msg", reason="the workspace is not built and sourced")
    prefix = tmp_path / "prefix"
    programs = {"learner_node": LEARNER, "policy_node": POLICY}

    def start(until: float, **more: str) -> subprocess.Popen[str]:
        (prefix / "lib/stand_ins").mkdir(parents=True)
        index = prefix / "share/ament_index/resource_index/packages"
        index.mkdir(parents=True)
        (index / "stand_ins").touch()
        for name, source in (programs | more).items():
            path = prefix / "lib/stand_ins" / name
            path.write_text(f"#!{sys.executable}\n{source}")
            path.chmod(0o755)
        env = os.environ | {"AMENT_PREFIX_PATH": f"{prefix}:{os.environ.get('AMENT_PREFIX_PATH', '')}"}
        env.pop("ROS_DOMAIN_ID", None)
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path), str(until)]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    return start


def wait_until_up(logs: Path) -> None:
    """Waits until every node spins, or is about to."""
    names, end = ("learner", "robot_1.policy", "robot_2.policy"), time.monotonic() + 600
    while time.monotonic() < end:
        files = [logs / f"{name}.log" for name in names]
        if all(file.exists() and "up" in file.read_text() for file in files):
            return
        time.sleep(0.05)
    pytest.fail(f"not all of {names} are up")


def number(output: str, key: str) -> int:
    """The number behind `key=` in a printed Progress."""
    return int(output.split(f"{key}=")[1].split(",")[0])


def without_waits(output: str) -> list[str]:
    """The printed lines but those that a slow start on a busy machine adds."""
    return [line for line in output.splitlines() if not line.startswith("zprl: waiting for ")]


def test_progress_comes_in_until_it_is_enough(run, tmp_path: Path) -> None:
    output, _ = run(300).communicate(timeout=600)
    assert number(output, "env_steps") >= 300 and "learner_seen=True" in output, output
    assert "robots_seen=2" in output and "lost_ticks=4" in output
    assert "robot_1.policy: front is stale" in output
    assert "update_debt=-1" in output
    assert "updates_per_s=9.999999747378752e-06" in output, "the parameter 1e-5 did not arrive as it was"
    assert "saved" in (tmp_path / "logs/learner.log").read_text()


def test_half_of_what_counts_succeeded(run) -> None:
    """STARTED and DISCARDED do not count; of the rest every other is a success."""
    output, _ = run(600).communicate(timeout=600)
    successes, episodes = number(output, "successes_50"), number(output, "episodes_50")
    assert abs(2 * successes - episodes) <= 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_lets_the_learner_save(run, tmp_path: Path, sent: signal.Signals) -> None:
    process = run(1e9)
    wait_until_up(tmp_path / "logs")
    process.send_signal(sent)
    output, _ = process.communicate(timeout=600)
    assert without_waits(output) == ["interrupted"]
    assert "saved" in (tmp_path / "logs/learner.log").read_text()


@pytest.mark.parametrize("ignored", [signal.SIGHUP, signal.SIGINT])
def test_what_the_caller_ignores_does_not_end_a_graph(run, tmp_path: Path, ignored: signal.Signals) -> None:
    """nohup ignores SIGHUP, a script ignores SIGINT for its background; the nodes still end by the runner's SIGINT."""
    before = signal.signal(ignored, signal.SIG_IGN)
    try:
        process = run(300)
    finally:
        signal.signal(ignored, before)
    wait_until_up(tmp_path / "logs")
    process.send_signal(ignored)
    output, _ = process.communicate(timeout=600)
    assert number(output, "env_steps") >= 300, output
    assert "saved" in (tmp_path / "logs/learner.log").read_text()


def test_the_last_episodes_reach_the_learner_before_the_graph_stops(run) -> None:
    """The episode node has ended long before the learner has acknowledged everything."""
    output, _ = run(1e9, policy_node=LATE, episode_node=ENDS).communicate(timeout=600)
    assert number(output, "backlog") == 0, output


@pytest.mark.parametrize(
    ("mode", "status", "arrived_s"),
    [
        ("base", RunStatus(robots_seen=1, episodes=2, backlog=3), 0.0),  # no learner stores them
        ("base", RunStatus(robots_seen=1, episodes=1), HEARD_S),  # the end of the second one was not heard yet
        ("finetune", RunStatus(learner_seen=True, robots_seen=1, backlog=0), TOLD_S),
        ("finetune", RunStatus(learner_seen=True, robots_seen=1, backlog=3), DELIVER_S),
        ("finetune", RunStatus(robots_seen=1, backlog=0), DELIVER_S),  # the learner was not heard yet
        ("finetune", RunStatus(learner_seen=True, backlog=0), DELIVER_S),  # nor was the policy
    ],
)
def test_how_long_the_last_episodes_are_waited_for(mode: str, status: RunStatus, arrived_s: float) -> None:
    """A learner may be on another machine."""
    policy = NodeSpec("zprl_policy", "policy_node", "policy", parameters={"mode": mode})
    episodes = NodeSpec("zprl_episodes", "episode_node", "episode", parameters={"max_episodes": 2})
    last, begin_s = LastEpisodes(Graph((episodes, policy))), 100.0
    assert last.arrived(status, begin_s) == (arrived_s == 0.0)
    assert last.arrived(status, begin_s + 0.9 * arrived_s) == (arrived_s == 0.0)
    assert last.arrived(status, begin_s + 1.1 * arrived_s)


def test_a_users_error_ends_the_graph_with_its_cause(run) -> None:
    process = run(1e9, policy_node=FAILS)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    (line,) = without_waits(output)
    assert line.startswith("error: robot_1.policy: base/checkpoint.json is missing; make one with zprl pretrain")
