"""What a viewer gets of the record of a run."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from experience import transition
from zprl.delivery.replay_log import ReplayLog
from zprl.delivery.segment import Stored, UpdateMark
from zprl.delivery.transition_codec import Key, encode
from zprl_cli.view.moment import Note, Numbers
from zprl_cli.view.ros.record_moments import record_moments

LIVED = (
    transition(0, episode=0), transition(1, episode=0, end="success"), transition(2, episode=1, end="failure"),
    transition(3, episode=2, end="timeout"),
)  # fmt: skip


@pytest.fixture
def record(tmp_path: Path) -> Path:
    log = ReplayLog(tmp_path / "record")
    for k, each in enumerate(LIVED):
        log.write([UpdateMark(k), Stored(encode(Key("run", "robot", 0, k), each))])
    log.close()
    return tmp_path / "record"


def test_rewards_and_residuals_of_each_transition(record: Path) -> None:
    moments = list(record_moments(record))
    found = [m.shown for m in moments if isinstance(m.shown, Numbers)]
    assert [n.values["robot"] for n in found if n.group == "run reward"] == [0.0, 1.0, 0.0, 0.0]
    residuals = [n.values["RMS(u)"] for n in found if n.group == "run residual"]
    assert residuals == pytest.approx([float(np.sqrt(np.mean(np.square(each.u)))) for each in LIVED])
    times = [m.stamp_ns for m in moments]
    assert times == sorted(times) and len(set(times)) == len(LIVED)  # of storing: stamps begin anew in each episode


def test_success_and_ends_of_episodes(record: Path) -> None:
    moments = [m.shown for m in record_moments(record)]
    success = [x for m in moments if isinstance(m, Numbers) and m.group == "run success" for x in m.values.values()]
    assert success == pytest.approx([1.0, 1 / 2, 1 / 3])
    notes = [m.text for m in moments if isinstance(m, Note)]
    assert notes == ["episode 0: success", "episode 1: failure", "episode 2: cut off"]
