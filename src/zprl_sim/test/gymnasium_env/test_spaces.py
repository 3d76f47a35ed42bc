"""Specs of Gymnasium spaces, and the refusal of those that cannot be streams or actions."""

from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary

from zprl_core.observation import Observation
from zprl_core.observation_spec import StreamKind
from zprl_sim.gymnasium_env.spaces import ObservationStreams, action_spec

INF = float("inf")


def box(*shape: int) -> Box:
    return Box(-INF, INF, shape, np.float64)


def image(*shape: int) -> Box:
    return Box(0, 255, shape, np.uint8)


def test_a_box_is_one_vector() -> None:
    streams = ObservationStreams.from_space(box(3))
    (stream,) = streams.spec.streams
    assert (stream.name, stream.kind, stream.shape) == ("state", StreamKind.VECTOR, (3,))
    state = streams.spec.state(Observation(0, streams.samples(np.array([1.0, 2.0, 3.0]))))
    assert state.dtype == np.float32 and state.tolist() == [1.0, 2.0, 3.0]


def test_a_dict_is_a_stream_for_each_key_and_images_add_nothing_to_the_state() -> None:
    space = Dict({"goal": box(2), "robot": Dict({"q": box(3), "camera": image(4, 6, 3)}), "depth": image(4, 6, 1)})
    streams = ObservationStreams.from_space(space)
    kinds = {stream.name: (stream.kind.value, stream.shape) for stream in streams.spec.streams}
    assert kinds == {
        "depth": ("image", (4, 6, 1)), "goal": ("vector", (2,)),
        "robot/camera": ("image", (4, 6, 3)), "robot/q": ("vector", (3,)),
    }  # fmt: skip
    samples = streams.samples(space.sample())
    assert streams.spec.state_size == 5 and not streams.spec.fault(Observation(0, samples))


def test_a_sample_is_a_copy() -> None:
    streams, array = ObservationStreams.from_space(Box(0, 1, (2,), np.float32)), np.zeros(2, np.float32)
    samples = streams.samples(array)
    array[:] = 1.0
    assert np.asarray(samples["state"]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("space", "name"),
    [
        (Discrete(3), "state"),
        (box(), "state"),
        (box(2, 2), "state"),
        (image(3, 4, 4), "state"),  # channels first
        (Box(0.0, 1.0, (4, 4, 3), np.float32), "state"),
        (Dict({"a": box(1), "b": Dict({"buttons": MultiBinary(2)})}), "b/buttons"),
        (box(0), "state"),
    ],
    ids=str,
)
def test_another_space_is_refused_by_name_with_a_remedy(space: Any, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^observation {name}.*; convert it to .* or drop its key"):
        ObservationStreams.from_space(space)


def test_a_key_that_is_no_name_gets_underscores_and_keeps_its_samples() -> None:
    space = Dict({"bottom burner": box(1), "2nd": Dict({"a-b": box(1)})})
    streams = ObservationStreams.from_space(space)
    samples = streams.samples({"bottom burner": np.zeros(1), "2nd": {"a-b": np.ones(1)}})
    assert {name: np.asarray(x).tolist() for name, x in samples.items()} == {"bottom_burner": [0.0], "_2nd/a_b": [1.0]}


def test_two_keys_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two streams have the same name: a_b, a_b"):
        ObservationStreams.from_space(Dict({"a b": box(1), "a-b": box(1)}))


def test_an_empty_dict_is_refused() -> None:
    with pytest.raises(ValueError, match="is empty"):
        ObservationStreams.from_space(Dict({}))


def test_an_action_is_scaled_to_the_bounds_of_each_number() -> None:
    spec = action_spec(Box(np.float32([-2.0, 0.0]), np.float32([2.0, 1.0])), 25.0)
    assert spec.vector is not None and (spec.size, spec.rate_hz) == (2, 25.0)
    assert spec.vector.value(np.float32([1.0, -1.0])).tolist() == [2.0, 0.0]
    assert spec.vector.action(np.float32([0.0, 0.5])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("space", "why"),
    [
        (Discrete(2), "must be a one-dimensional Box of floats"),
        (image(4, 4, 3), "must be a one-dimensional Box of floats"),
        (Box(-1.0, 1.0, (2, 2)), "must be a one-dimensional Box of floats"),
        (box(2), r"no finite range for its components \[0, 1\]"),
        (Box(np.float32([-1.0, 0.0]), np.float32([1.0, INF])), r"no finite range for its components \[1\]"),
        (Box(np.float32([0.5, 0.0]), np.float32([0.5, 1.0])), r"no finite range for its components \[0\]"),
    ],
    ids=str,
)
def test_another_action_is_refused_with_a_remedy(space: Any, why: str) -> None:
    with pytest.raises(ValueError, match=f"{why}.*gymnasium.wrappers.TransformAction"):
        action_spec(space, 20.0)
