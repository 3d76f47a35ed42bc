"""The learner's speed, as status and progress bar show it."""

from types import SimpleNamespace
from typing import Any

from zprl_learner.training_session import SPEED_CALLS, Speed


def test_waits_between_episodes_are_evened_out() -> None:
    """Two seconds of robot and learner, two seconds of the learner alone, and so on."""
    times = iter(range(0, 1000, 2))
    learner: Any = SimpleNamespace(env_steps=0, sac=SimpleNamespace(updates=0))
    speed = Speed(learner, clock=lambda: float(next(times)))
    shown = []
    for k in range(6 * SPEED_CALLS):
        learner.env_steps += 200 * (k % 2)
        learner.sac.updates += 120
        shown.append(speed.measure())
    assert {updates for _, updates in shown} == {60.0}
    assert all(abs(steps - 50.0) <= 100.0 / SPEED_CALLS for steps, _ in shown[SPEED_CALLS:])


def test_a_learner_that_stops_is_shown_as_such() -> None:
    times = iter(range(0, 1000, 2))
    learner: Any = SimpleNamespace(env_steps=0, sac=SimpleNamespace(updates=0))
    speed = Speed(learner, clock=lambda: float(next(times)))
    learner.env_steps, learner.sac.updates = 100, 50
    assert speed.measure() == (50.0, 25.0)
    for _ in range(SPEED_CALLS):
        last = speed.measure()
    assert last == (0.0, 0.0)
