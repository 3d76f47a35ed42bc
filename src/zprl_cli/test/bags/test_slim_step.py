"""Steps without their images."""

import numpy as np

from zprl_cli.bags.slim_step import slim, whole
from zprl_core.bags.bag_step import BagStep
from zprl_core.observation import Observation, Pose


def step(pixel: int) -> BagStep:
    samples = {
        "tool": Pose((0.1, 0.2, 0.3), 0.0),
        "joints": np.arange(7.0),
        "front": np.full((4, 4, 3), pixel, np.uint8),
    }
    return BagStep(0, 5, Observation(5, samples), {}, clipped=False, person=True)


def test_images_become_checksums_and_the_rest_stays() -> None:
    one, same, other = slim(step(1)), slim(step(1)), slim(step(2))
    assert one.observation.samples["tool"] == step(1).observation.samples["tool"]
    assert np.array_equal(np.asarray(one.observation.samples["joints"]), np.arange(7.0))
    images = [np.asarray(x.observation.samples["front"]) for x in (one, same, other)]
    assert images[0].shape == (16,) and np.array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])
    assert (one.stamp_ns, one.person, one.observation.stamp_ns) == (5, True, 5)


def test_a_whole_step_is_itself() -> None:
    one = step(3)
    assert whole(one) is one
