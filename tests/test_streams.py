"""Transition streams of several robots into one learner that is killed. The short version of benchmarks/streams.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ros
PROGRAM = Path(__file__).resolve().parents[1] / "benchmarks" / "streams.py"
ROBOTS, SECONDS = 8, 4.0  # 10 transitions of each robot


def test_every_transition_of_eight_robots_is_stored_once_although_the_learner_dies(tmp_path: Path) -> None:
    result = tmp_path / "streams.json"
    options = ("--robots", ROBOTS, "--seconds", SECONDS, "--programs", 1, "--kill-s", 1.5, "--down-s", 0.1)
    words = [sys.executable, PROGRAM, *options, "--drain-s", 600, "--result", result]
    subprocess.run([str(word) for word in words], check=True, timeout=1200)
    found = json.loads(result.read_text())
    assert found["figures"]["learners"] == 2
    audit = found["audit"]
    assert audit["robots"] == {f"robot_{i}": 10 for i in range(1, ROBOTS + 1)}
    assert audit["journaled"] == audit["stored"] == audit["witnessed"] == 10 * ROBOTS
    assert (audit["lost"], audit["duplicated"], audit["altered"]) == (0, 0, 0)
