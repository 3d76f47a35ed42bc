"""Demonstrations that are collected step by step."""

from pathlib import Path

import numpy as np
import pytest

from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.action_spec import PLANAR
from zprl_core.observation import Observation, Pose
from zprl_core.observation_spec import (
    ObservationSpec,
    StreamKind,
    StreamSpec,
    arm_observation,
    camera_observation,
    depth_stream,
)

SHAPE = (16, 16, 3)
SPEC = ObservationSpec((*camera_observation(()).streams, StreamSpec("front", "front", StreamKind.IMAGE, SHAPE)))


def seen(k: int) -> Observation:
    return Observation(k, {"tool": Pose((0.1 * k, 0.0, 0.2)), "width": 0.08, "front": np.full(SHAPE, k, np.uint8)})


def add(recorder: DemoRecorder, first: int, steps: int) -> None:
    for k in range(first, first + steps):
        recorder.add(seen(k), np.full(5, 0.01 * k, np.float32))


def test_only_episodes_that_are_kept_are_in_the_video(tmp_path: Path) -> None:
    with DemoRecorder(SPEC, PLANAR, tmp_path, Codec.FFV1) as recorder:
        add(recorder, 10, 3)
        recorder.keep()
        add(recorder, 50, 4)
        recorder.discard()
        add(recorder, 20, 2)
        recorder.keep()
        found = recorder.demos("lift", 4)
    assert [int(image[0, 0, 0]) for image in found.images["front"]] == [10, 11, 12, 20, 21]
    assert found.episode_ends.tolist() == [3, 5] and found.actions[3, 0] == pytest.approx(0.2)
    found.save(tmp_path)
    loaded = Demos.load(tmp_path)
    assert loaded.fingerprint == found.fingerprint and np.array_equal(loaded.images["front"], found.images["front"])


def test_depth_is_recorded_without_loss(tmp_path: Path) -> None:
    spec = ObservationSpec((*camera_observation(()).streams, depth_stream("front", 0.2, 1.0, SHAPE[:2])))
    depth = np.random.default_rng(0).choice(np.array([0, 1, 255], np.uint8), (*SHAPE[:2], 1))
    with DemoRecorder(spec, PLANAR, tmp_path, Codec.H264) as recorder:
        samples = {"tool": Pose((0.0, 0.0, 0.2)), "width": 0.08, "front_depth": depth}
        recorder.add(Observation(1, samples), np.zeros(5, np.float32))
        recorder.keep()
        assert np.array_equal(recorder.demos("lift", 4).images["front_depth"][0], depth)


def test_images_of_one_episode_are_held_at_most(tmp_path: Path) -> None:
    with DemoRecorder(SPEC, PLANAR, tmp_path) as recorder:
        for episode in range(3):
            add(recorder, 10 * episode, 4)
            assert {name: len(frames) for name, frames in recorder._frames.items()} == {"front": 4}
            recorder.keep()
            assert recorder._frames == {"front": []}


def test_a_committed_episode_holds_no_images_and_can_only_be_kept(tmp_path: Path) -> None:
    with DemoRecorder(SPEC, PLANAR, tmp_path, Codec.FFV1) as recorder:
        for k in range(3):
            add(recorder, 10 + k, 1)
            recorder.commit()
            assert recorder._frames == {"front": []}
        with pytest.raises(ValueError, match="the episode was committed, so that it can only be kept"):
            recorder.discard()
        recorder.keep()
        add(recorder, 50, 2)
        recorder.discard()
        found = recorder.demos("lift", 0)
    assert found.images["front"][:, 0, 0, 0].tolist() == [10, 11, 12] and found.episode_ends.tolist() == [3]


def test_a_recording_replaces_what_an_interrupted_one_left(tmp_path: Path) -> None:
    for first in (10, 30):
        with DemoRecorder(SPEC, PLANAR, tmp_path, Codec.FFV1) as recorder:
            add(recorder, first, 3)
            recorder.keep()
            found = recorder.demos("lift", 0) if first == 30 else None
    assert found is not None and int(found.images["front"][0, 0, 0, 0]) == 30
    assert len(list(tmp_path.iterdir())) == 2  # one video, one cache


def test_images_need_a_folder_and_states_do_not() -> None:
    with pytest.raises(ValueError, match="recorded into a folder; give one"):
        DemoRecorder(SPEC, PLANAR)
    with DemoRecorder(arm_observation(()), PLANAR) as recorder:
        add(recorder, 1, 2)
        recorder.keep()
        assert recorder.demos("lift", 0).images == {}


def test_demonstrations_of_another_recording_come_first_as_they_are(tmp_path: Path) -> None:
    with DemoRecorder(SPEC, PLANAR, tmp_path / "one", Codec.FFV1) as recorder:
        for first, steps in ((10, 3), (40, 2)):
            add(recorder, first, steps)
            recorder.keep()
        one = recorder.demos("lift", 0)
    with DemoRecorder(SPEC, PLANAR, tmp_path / "two", Codec.FFV1) as recorder:
        recorder.extend(one)
        add(recorder, 90, 4)
        recorder.keep()
        both = recorder.demos("lift", 0)
    assert both.episode_ends.tolist() == [3, 5, 9]
    for found, before in ((both.observations, one.observations), (both.actions, one.actions)):
        assert np.array_equal(found[:5], before)
    assert np.array_equal(both.images["front"][:5], one.images["front"])
    assert both.images["front"][:, 0, 0, 0].tolist() == [10, 11, 12, 40, 41, 90, 91, 92, 93]
