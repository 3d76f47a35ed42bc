"""Reads from the record of a run what a viewer shows of its transitions."""

from collections import deque
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import numpy as np
from rclpy.serialization import deserialize_message

from zprl.delivery import replay_log
from zprl.delivery.segment import Stored
from zprl.delivery.segment_reader import read_segment
from zprl.delivery.state_sharing import with_ages
from zprl_cli.view.moment import Moment, Note, Numbers, Shown
from zprl_msgs.msg import Transition

WINDOW = 50  # episodes, as in learner/status


def record_moments(record: Path) -> Iterator[Moment]:
    """Yields rewards, success, residuals and ends of episodes, at the times at which the learner stored them.

    Stamps would not do: in process they begin anew with each episode. Raises RecordError when the record is damaged.
    """
    ended: deque[bool] = deque(maxlen=WINDOW)
    for path in replay_log.segments(record):
        for entry, stored_ns in read_segment(path):
            if isinstance(entry, Stored):
                transition = deserialize_message(with_ages(entry.data), Transition)
                yield from (Moment(stored_ns, shown) for shown in _shown(transition, ended))


def _shown(t: Transition, ended: deque[bool]) -> Iterator[Shown]:
    yield Numbers("run reward", {t.robot: t.reward})
    yield Numbers("run residual", {"RMS(u)": _rms(t.u), "RMS(z)": _rms(t.z)})
    yield Numbers("run weights", {"that chose u": float(t.weights_number)})
    yield Numbers("run flags", {"human": float(t.intervention), "guard changed a command": float(t.clipped)})
    if t.terminated or t.truncated:
        success = bool(t.terminated and t.reward > 0.0)
        ended.append(success)
        yield Numbers("run success", {f"of the last {WINDOW} episodes": sum(ended) / len(ended)})
        word = "success" if success else "failure" if t.terminated else "cut off"
        yield Note(f"episode of {t.robot}", f"episode {t.episode}: {word}")


def _rms(values: object) -> float:
    found = np.asarray(values, dtype=np.float64)
    return sqrt(float(np.mean(found * found))) if found.size else float("nan")
