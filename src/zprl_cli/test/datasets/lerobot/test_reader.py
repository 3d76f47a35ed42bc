"""LeRobot data sets that are damaged, unfinished, or of another version: each says what is wrong in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_steps import episode, seeing
from zprl_cli.datasets.dataset_import import import_dataset
from zprl_cli.datasets.lerobot.reader import LeRobotReader
from zprl_cli.datasets.lerobot.writer import LeRobotWriter
from zprl_cli.datasets.open_dataset import map_dataset
from zprl_core.errors import RecordError

SAVED = seeing(("front",))
DATA, EPISODES = Path("data/chunk-000/file-000.parquet"), Path("meta/episodes/chunk-000/file-000.parquet")
VIDEO = Path("videos/observation.images.front/chunk-000/file-000.mp4")
LENGTHS = (5, 6, 7)


def written(path: Path) -> Path:
    with LeRobotWriter(path, SAVED, "Lift the cube.") as writer:
        for seed, count in enumerate(LENGTHS):
            writer.add(episode(SAVED, count, seed), success=True)
    return path


def imported(path: Path) -> Any:
    return import_dataset(map_dataset(path, None), path.with_name("demos"))


def test_the_data_set_is_as_lerobot_has_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    info = json.loads((path / "meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_episodes"], info["total_frames"]) == ("v3.0", 20, 3, 18)
    assert info["features"]["observation.state"]["names"][:4] == ["tool.x", "tool.y", "tool.z", "tool.qx"]
    assert info["features"]["action"]["shape"] == [10] and info["splits"] == {"train": "0:3"}
    data = pq.read_table(path / DATA)
    assert data.column("episode_index").to_pylist() == [0] * 5 + [1] * 6 + [2] * 7
    assert data.column("index").to_pylist() == list(range(18))
    assert data.column("timestamp").to_numpy()[5:8] == pytest.approx([0.0, 0.05, 0.1])
    tasks = pq.read_table(path / "meta/tasks.parquet")
    assert json.loads(tasks.schema.metadata[b"pandas"])["index_columns"] == ["task"]
    assert tasks.to_pylist() == [{"task_index": 0, "task": "Lift the cube."}]
    (first, second, _) = pq.read_table(path / EPISODES).to_pylist()
    assert (second["dataset_from_index"], second["dataset_to_index"], second["length"]) == (5, 11, 6)
    key = "videos/observation.images.front"
    assert (first[f"{key}/to_timestamp"], second[f"{key}/from_timestamp"]) == (0.25, 0.25)
    stats = json.loads((path / "meta/stats.json").read_text())
    assert stats["index"]["max"] == [17] and np.shape(stats["observation.images.front"]["mean"]) == (3, 1, 1)


def test_images_are_those_of_their_steps(tmp_path: Path) -> None:
    """A square moves from step to step: each frame is most like the image of its own step."""
    found = list(LeRobotReader(written(tmp_path / "a")).episodes(["observation.images.front"]))
    for seed, (each, count) in enumerate(zip(found, LENGTHS, strict=True)):
        images = [step.observation.samples["front"] for step in episode(SAVED, count, seed)]
        frames = np.asarray(each.arrays["observation.images.front"], int)
        apart = np.abs(frames[:, None] - np.array(images, int)[None]).mean(axis=(2, 3, 4))
        assert apart.argmin(axis=1).tolist() == list(range(count)) and apart.diagonal().max() < 3.0


def info(**changes: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        file = path / "meta/info.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    return change


def cut(name: Path) -> Callable[[Path], None]:
    def shorten(path: Path) -> None:
        file = path / name
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return shorten


def gone(name: Path) -> Callable[[Path], None]:
    return lambda path: (path / name).unlink()


def table(name: Path, change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    return lambda path: pq.write_table(change(pq.read_table(path / name)), path / name)


def other(key: str, values: pa.Array) -> Callable[[pa.Table], pa.Table]:
    return lambda found: found.set_column(found.schema.names.index(key), key, values)


RAGGED = pa.array([[0.0] * 10] * 17 + [[0.0] * 9], pa.list_(pa.float32()))
CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "not finished": (cut(DATA), "file-000.parquet has no end, so its recording was not finished, or it was cut off"),
    "no footer of the episodes": (cut(EPISODES), "meta/episodes/chunk-000/file-000.parquet has no end"),
    "no episodes": (gone(EPISODES), "has no episodes in meta/episodes, so its recording was not finished"),
    "no data": (gone(DATA), "the data set has no .*data/chunk-000/file-000.parquet; copy it again"),
    "no video": (gone(VIDEO), "file-000.mp4 cannot be read as a video: .*No such file"),
    "video cut off": (cut(VIDEO), "file-000.mp4 cannot be read as a video"),
    "earlier version": (info(codebase_version="v2.1"), "is a LeRobot data set of version v2.1, not v3; convert it"),
    "no JSON": (lambda path: (path / "meta/info.json").write_text("{") and None, "meta/info.json cannot be read"),
    "no features": (info(features=3), "meta/info.json cannot be read"),
    "path in a name": (info(features={"../x": {"dtype": "video", "shape": [1, 1, 3]}}), "a feature is named ../x"),
    "other fps": (info(fps=30), "episode 0 has step .* s, not as at 30 frames per second; correct fps"),
    "no action": (table(DATA, lambda found: found.drop_columns(["action"])), "has no column action; it has "),
    "ragged": (table(DATA, other("action", RAGGED)), "action has not 10 numbers in every row"),
    "none": (table(DATA, other("action", pa.nulls(18, pa.list_(pa.float32())))), "action has not 10 numbers"),
    "text": (table(DATA, other("action", pa.array(["a"] * 18))), "action has not 10 numbers"),
    "rows are missing": (table(DATA, lambda found: found.slice(1)), "episode 0 has 4 of 5 steps; the data"),
    "order": (table(DATA, lambda found: found.take(list(range(17, -1, -1)))), "episode 0 does not have its steps in"),
    "length": (table(EPISODES, other("length", pa.array([5, 6, 8]))), "episode 2 has 7 of 8 steps"),
    "negative": (table(EPISODES, other("length", pa.array([-5, 6, 8]))), "that cannot be read: length is -5"),
    "specs": (lambda path: (path / "meta/zprl.json").write_text("[]") and None, "zprl.json: the specs that zprl wrote"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_data_set_that_cannot_be_used_says_why(tmp_path: Path, case: str) -> None:
    spoil, why = CASES[case]
    path = written(tmp_path / "a")
    spoil(path)
    with pytest.raises(RecordError, match=why) as error:
        imported(path)
    assert "\n" not in str(error.value) and not path.with_name("demos").exists()


def test_an_export_that_ended_with_an_error_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LeRobotWriter(tmp_path / "a", SAVED) as writer:
        writer.add(episode(SAVED, 5), success=True)
        raise KeyboardInterrupt
    with pytest.raises(RecordError, match=r"is no LeRobot data set, as it has no meta/info.json"):
        imported(tmp_path / "a")
