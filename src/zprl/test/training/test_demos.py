"""Demonstrations on disk: what was saved is loaded, what is damaged is refused with the remedy."""

import json
from pathlib import Path

import numpy as np
import pytest

from zprl.training.demos import Demos
from zprl_core.action_spec import PLANAR
from zprl_core.errors import CheckpointError
from zprl_core.observation_spec import arm_observation

SPEC = arm_observation(("cube",))


def demos(**changes: object) -> Demos:
    rng = np.random.default_rng(0)
    values: dict = {
        "observations": rng.normal(size=(7, 11)).astype(np.float32),
        "actions": rng.uniform(-1, 1, (7, 5)).astype(np.float32),
        "episode_ends": np.array([3, 7]),
        "task": "lift",
        "seed": 4,
        "observation": SPEC,
    }
    return Demos(**(values | changes))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    saved = demos()
    saved.save(tmp_path / "demos")
    loaded = Demos.load(tmp_path / "demos")
    for name in ("observations", "actions", "episode_ends"):
        assert np.array_equal(getattr(loaded, name), getattr(saved, name))
    assert (loaded.task, loaded.seed) == ("lift", 4)


def test_demonstrations_of_an_earlier_version_load(tmp_path: Path) -> None:
    """They name neither observation nor action."""
    saved = demos()
    saved.save(tmp_path)
    named = json.loads((tmp_path / "demos.json").read_text())
    (tmp_path / "demos.json").write_text(json.dumps({k: named[k] for k in ("task", "seed", "episodes", "steps")}))
    loaded = Demos.load(tmp_path, earlier=SPEC)
    assert np.array_equal(loaded.actions, saved.actions) and loaded.observation == SPEC and loaded.action == PLANAR
    with pytest.raises(CheckpointError, match="observation"):
        Demos.load(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"actions": np.zeros((6, 5), np.float32)}, "actions"),
        ({"observations": np.full((7, 11), np.nan, np.float32)}, "not finite"),
        ({"episode_ends": np.array([3, 6])}, "episode_ends must increase up to N=7"),
        ({"episode_ends": np.array([5, 3, 7])}, "episode_ends must increase"),
    ],
)
def test_demonstrations_check_themselves(wrong: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        demos(**wrong)


def test_no_demonstrations_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no demonstrations in .*run zprl demos"):
        Demos.load(tmp_path)


def test_truncated_demonstrations_are_refused(tmp_path: Path) -> None:
    demos().save(tmp_path)
    path = tmp_path / "demos.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CheckpointError, match=r"damaged .*delete the folder and run zprl demos"):
        Demos.load(tmp_path)


def test_damaged_words_are_refused(tmp_path: Path) -> None:
    demos().save(tmp_path)
    (tmp_path / "demos.json").write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        Demos.load(tmp_path)
