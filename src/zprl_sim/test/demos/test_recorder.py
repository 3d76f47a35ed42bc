"""Demonstrations with images: the same episodes as with states, and what the cameras saw at each step."""

from pathlib import Path

import numpy as np
import pytest

from can_render import needs_renderer
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.obs import Obs
from zprl_sim.demos.recorder import record
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

LIFT = task_named("lift")


@needs_renderer
def test_images_are_those_of_the_states_and_change_no_episode(tmp_path: Path) -> None:
    state = record(LIFT, 2, seed=1)
    lossless = record(LIFT, 2, seed=1, obs=Obs.IMAGES, folder=tmp_path / "a", codec=Codec.FFV1)
    lossy = record(LIFT, 2, seed=1, obs=Obs.IMAGES, folder=tmp_path / "b")
    assert np.array_equal(state.actions, lossless.actions) and np.array_equal(state.episode_ends, lossy.episode_ends)
    assert np.array_equal(state.observations[:, :6], lossless.observations)
    robot = SimRobot(LIFT, deployed=False, obs=Obs.IMAGES)
    seen = robot.reset()  # any scene: the table is the same
    for name, frames in lossless.images.items():
        assert frames.shape == (len(state.actions), 128, 128, 3)
        assert np.mean(np.abs(frames[0].astype(int) - seen.samples[name])) < 30  # type: ignore[arg-type]
        error = np.mean(np.square(lossy.images[name][:].astype(float) - frames), axis=(1, 2, 3))
        assert 10 * np.log10(255**2 / error.max()) > 42.0  # PSNR [dB]; 45 to 51 were measured
    robot.close()
    assert lossy.cameras == robot.observed_cameras and set(lossy.cameras) == {"front", "wrist"}
    lossy.save(tmp_path / "b")
    assert Demos.load(tmp_path / "b").fingerprint == lossy.fingerprint != lossless.fingerprint


def test_images_need_a_folder() -> None:
    with pytest.raises(ValueError, match="recorded into a folder; give one"):
        record(LIFT, 1, obs=Obs.IMAGES)
