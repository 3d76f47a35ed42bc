"""Demonstrations go out in both formats and come in again: same observations, same actions, images as the codec has."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from dataset_steps import LIFT, episode, joint_arm, seeing, two_tilted_arms
from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl_cli.datasets.dataset_format import DatasetFormat
from zprl_cli.datasets.dataset_import import import_dataset
from zprl_cli.datasets.lerobot.writer import LeRobotWriter
from zprl_cli.datasets.open_dataset import map_dataset
from zprl_cli.datasets.robomimic.writer import RobomimicWriter
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.bags.bag_step import BagStep
from zprl_core.errors import RecordError

LENGTHS = (12, 7, 9)
TOLERANCE = {DatasetFormat.ROBOMIMIC: 1e-6, DatasetFormat.LEROBOT: 1e-5}  # float64 and float32
SPECS = {
    "planar": LIFT,
    "tilted": two_tilted_arms(),
    "joints": joint_arm(),
    "cameras": seeing(("front", "wrist")),
}


def written(path: Path, to: DatasetFormat, saved: SavedSpecs, episodes: list[tuple[BagStep, ...]]) -> Path:
    writer = RobomimicWriter(path, saved) if to == DatasetFormat.ROBOMIMIC else LeRobotWriter(path, saved)
    with writer:
        for steps in episodes:
            writer.add(steps, success=True)
    return path


def recorded(folder: Path, saved: SavedSpecs, episodes: list[tuple[BagStep, ...]]) -> Demos:
    with DemoRecorder(saved.observation, saved.action, folder) as recorder:
        for steps in episodes:
            for step in steps:
                action = saved.action.action(step.targets, step.observation)
                recorder.add(step.observation, np.clip(action, -1.0, 1.0))
            recorder.keep()
        return recorder.demos(saved.task, 0)


@pytest.mark.parametrize("to", DatasetFormat)
@pytest.mark.parametrize("name", SPECS)
def test_an_export_is_imported_as_it_was(tmp_path: Path, to: DatasetFormat, name: str) -> None:
    saved = SPECS[name]
    episodes = [episode(saved, count, seed) for seed, count in enumerate(LENGTHS)]
    path = written(tmp_path / "export", to, saved, episodes)
    made = import_dataset(map_dataset(path, None), tmp_path / "demos")
    assert (made.episodes, made.steps, made.paused, made.left) == (3, sum(LENGTHS), 0, ())
    wanted, found = recorded(tmp_path / "direct", saved, episodes), Demos.load(tmp_path / "demos")
    assert (found.task, found.observation, found.action) == (saved.task, saved.observation, saved.action)
    assert found.episode_ends.tolist() == wanted.episode_ends.tolist() == [12, 19, 28]
    assert np.abs(found.observations - wanted.observations).max() < TOLERANCE[to]
    assert np.abs(found.actions - wanted.actions).max() < TOLERANCE[to]
    for stream in saved.observation.images:
        apart = np.abs(found.images[stream.name].astype(int) - wanted.images[stream.name])
        # robomimic has the pixels, LeRobot a video with less color, and both are videos of ours then
        assert apart.mean() < (0.5 if to == DatasetFormat.ROBOMIMIC else 3.0)
    assert {path.name for path in tmp_path.iterdir()} <= {"demos", "direct", "export"}  # nothing half done


def test_images_of_robomimic_are_the_pixels(tmp_path: Path) -> None:
    saved = seeing(depth=True)
    steps = episode(saved, 6)
    path = written(tmp_path / "export", DatasetFormat.ROBOMIMIC, saved, [steps])
    (found,) = map_dataset(path, None).reader.episodes(["obs/front_image", "obs/front_depth"])
    for name, key in (("front", "obs/front_image"), ("front_depth", "obs/front_depth")):
        assert np.array_equal(found.arrays[key], [step.observation.samples[name] for step in steps])


def test_depth_and_odd_rates_have_no_place_in_lerobot(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="front_depth is not RGB, which a LeRobot video cannot keep"):
        LeRobotWriter(tmp_path / "a", seeing(depth=True))
    with pytest.raises(RecordError, match=r"LeRobot has .* frames per second, .*12.5.* robomimic"):
        LeRobotWriter(tmp_path / "a", replace(LIFT, action=replace(LIFT.action, rate_hz=12.5)))
    assert not (tmp_path / "a").exists()


def test_a_folder_that_exists_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "export", DatasetFormat.ROBOMIMIC, LIFT, [episode(LIFT, 5)])
    (tmp_path / "demos").mkdir()
    with pytest.raises(RecordError, match="demos exists; give another --out, or remove it"):
        import_dataset(map_dataset(path, None), tmp_path / "demos")


@pytest.mark.parametrize("to", DatasetFormat)
def test_an_export_of_zprl_needs_its_specs(tmp_path: Path, to: DatasetFormat) -> None:
    path = written(tmp_path / "export", to, LIFT, [episode(LIFT, 5)])
    if to == DatasetFormat.LEROBOT:
        (path / "meta" / "zprl.json").unlink()
    else:
        import h5py

        with h5py.File(path, "a") as file:
            del file["data"].attrs["zprl"]
    with pytest.raises(RecordError, match="is no export of zprl, so it needs a mapping: zprl bags map"):
        map_dataset(path, None)


@pytest.mark.parametrize("what", ["nothing", "folder", "text"])
def test_what_is_no_data_set_is_named(tmp_path: Path, what: str) -> None:
    path, why = tmp_path / what, {"nothing": "there is no", "folder": "is no LeRobot data", "text": "is no HDF5 file"}
    if what == "folder":
        path.mkdir()
    if what == "text":
        path.write_text("hello")
    with pytest.raises(RecordError, match=why[what]):
        map_dataset(path, None)


@pytest.mark.parametrize("to", DatasetFormat)
def test_a_mutated_data_set_ends_in_one_line_or_in_demonstrations(tmp_path: Path, to: DatasetFormat) -> None:
    saved, made = seeing(), 0
    path = written(tmp_path / "export", to, saved, [episode(saved, 5), episode(saved, 4, 1)])
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    for seed in range(40):
        random = Random(seed)
        file = random.choice(files)
        whole = file.read_bytes()
        bent = bytearray(whole)
        for _ in range(random.choice((1, 2, 5, 50))):
            bent[random.randrange(len(bent))] = random.randrange(256)
        file.write_bytes(bent[: random.randrange(len(bent))] if random.random() < 0.2 else bent)
        try:
            import_dataset(map_dataset(path, None), tmp_path / f"demos{seed}")
            made += 1
        except RecordError as error:
            assert str(path) in str(error) and "\n" not in str(error)
        file.write_bytes(whole)
    assert len(list(tmp_path.glob("demos*"))) == made < 40
