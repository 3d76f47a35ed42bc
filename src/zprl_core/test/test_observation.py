"""What a policy sees at one instant."""

import numpy as np
import pytest

from zprl_core.observation import LazySamples, Observation, Pose, ready_part


def test_observations_with_arrays_are_equal_by_their_elements() -> None:
    def seen(joints: list[float], yaw: float = 0.0) -> Observation:
        return Observation(1, {"joints": np.array(joints), "tool": Pose((0.4, 0.0, 0.2), yaw), "width": 0.08})

    assert seen([0.1, 0.2]) == seen([0.1, 0.2]) != seen([0.1, 0.3])
    assert seen([0.1, 0.2]) not in (seen([0.1]), seen([0.1, 0.2], 0.1), Observation(1, {}), None)


def test_a_sample_is_made_once_and_only_when_it_is_read() -> None:
    made: list[str] = []

    def make() -> float:
        made.append("front")
        return 7.0

    values = LazySamples({"width": 1.0}, {"front": make})
    assert list(values) == ["width", "front"] and len(values) == 2 and "front" in values and "wrist" not in values
    assert values.keys() == {"width", "front"} and ready_part(values) == {"width": 1.0} and not made
    assert (values["width"], values["front"], values["front"]) == (1.0, 7.0, 7.0) and made == ["front"]
    with pytest.raises(KeyError):
        values["wrist"]


def test_a_maker_that_fails_is_asked_again() -> None:
    answers = iter([RuntimeError("too late"), 5.0])

    def make() -> float:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    values = LazySamples({}, {"front": make})
    with pytest.raises(RuntimeError, match="too late"):
        values["front"]
    assert values["front"] == 5.0


def test_every_sample_of_a_plain_mapping_is_ready() -> None:
    assert ready_part({"width": 1.0}) == {"width": 1.0}
