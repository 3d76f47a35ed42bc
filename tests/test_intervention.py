"""A person takes over from a policy that learns: what is stored says so, with what the person did."""

import os
from pathlib import Path

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from listener import Listener  # noqa: E402
from recorded import transitions  # noqa: E402
from tiny import TINY, tiny_base  # noqa: E402
from zprl.checkpoints.learner_checkpoint import load_counters  # noqa: E402
from zprl.checkpoints.run_folder import RunFolder  # noqa: E402
from zprl_bringup.graph.graphs import finetune_graph  # noqa: E402
from zprl_bringup.graph.run_options import RunOptions  # noqa: E402
from zprl_bringup.graph.settings import GraphSettings  # noqa: E402
from zprl_bringup.runner.ros_domain import own_domain  # noqa: E402
from zprl_bringup.runner.runner import Runner  # noqa: E402
from zprl_core.ros.qos import STATE, STATUS  # noqa: E402
from zprl_msgs.msg import ArmStatus, LearnerStatus, Teleop  # noqa: E402

pytestmark = pytest.mark.ros


def test_what_a_person_does_is_kept_and_not_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path / "run")
    tiny_base(folder.base)
    settings = GraphSettings(
        "run", folder.path, RunOptions(base=folder.base, robot="mujoco", lockstep=False, time_limit_s=20.0), config=TINY
    )
    graph = finetune_graph(settings)
    with own_domain() as domain:
        for key, value in {**graph.env, "ROS_DOMAIN_ID": str(domain)}.items():
            monkeypatch.setenv(key, value)
        with Runner(graph, tmp_path / "logs", env=os.environ) as runner:
            steps = take_over(domain)
            runner.stop()
    lived = transitions(folder, TINY)
    helped = [t for t in lived if t.intervention]
    assert 0 < len(helped) < len(lived)
    # The hand moved the tool up, with 0.1 m/s at most; a full action of the policy would be 0.4 m/s.
    ups = np.concatenate([t.executed.reshape(-1, 5)[: t.steps, 2] for t in helped])
    assert np.mean(ups > 0) > 0.6 and max(ups) < 1.0
    counters = load_counters(folder.actor)
    assert counters.added == len(lived) - len(helped) and counters.env_steps == sum(t.steps for t in lived) >= steps


def take_over(domain: int) -> int:
    """Let the policy work, move the tool up for two seconds, let it work again. Control steps by then."""
    lab = Listener(domain)
    lab.hear(LearnerStatus, "learner/status", STATUS)
    lab.hear(ArmStatus, "arm/status", STATE)
    hand = lab.node.create_publisher(Teleop, "teleop", STATE)
    up = Teleop(device="keyboard", touched=True)
    up.twist.linear.z = 0.1

    def steps() -> int:
        said = lab.heard["learner/status"]
        return said[-1].env_steps if said else 0

    try:
        lab.until(lambda: steps() > 30)
        lab.until(lambda: (hand.publish(up), sum(status.person for status in lab.heard["arm/status"]) > 40)[1])
        done = steps()
        lab.until(lambda: steps() > done + 40)
        return steps()
    finally:
        lab.close()
