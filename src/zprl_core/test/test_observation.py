"""What a policy sees at one instant."""

import numpy as np

from zprl_core.observation import Observation, Pose


def test_observations_with_arrays_are_equal_by_their_elements() -> None:
    def seen(joints: list[float], yaw: float = 0.0) -> Observation:
        return Observation(1, {"joints": np.array(joints), "tool": Pose((0.4, 0.0, 0.2), yaw), "width": 0.08})

    assert seen([0.1, 0.2]) == seen([0.1, 0.2]) != seen([0.1, 0.3])
    assert seen([0.1, 0.2]) not in (seen([0.1]), seen([0.1, 0.2], 0.1), Observation(1, {}), None)
