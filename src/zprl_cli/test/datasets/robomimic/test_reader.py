"""robomimic files that are damaged, odd, or of another kind: each says what is wrong in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from dataset_steps import LIFT, episode
from zprl_cli.datasets.dataset_import import import_dataset
from zprl_cli.datasets.open_dataset import map_dataset
from zprl_cli.datasets.robomimic.reader import RobomimicReader
from zprl_cli.datasets.robomimic.writer import RobomimicWriter
from zprl_core.errors import RecordError


def written(path: Path, episodes: int = 3) -> Path:
    with RobomimicWriter(path, LIFT) as writer:
        for seed in range(episodes):
            writer.add(episode(LIFT, 5 + seed, seed), success=True)
    return path


def imported(path: Path) -> Any:
    return import_dataset(map_dataset(path, None), path.with_name("demos"))


def test_the_file_is_as_robomimic_has_it(tmp_path: Path) -> None:
    steps = episode(LIFT, 5)
    with h5py.File(written(tmp_path / "a.hdf5")) as file:
        data, demo = file["data"], file["data/demo_0"]
        assert (data.attrs["total"], demo.attrs["num_samples"], len(data)) == (5 + 6 + 7, 5, 3)
        assert demo["rewards"][()].tolist() == demo["dones"][()].tolist() == [0, 0, 0, 0, 1]
        assert demo["obs/robot0_eef_pos"][0] == pytest.approx(steps[0].observation.tool.position)
        assert demo["obs/robot0_gripper_qpos"][0] == pytest.approx([0.04, -0.04])  # 8 cm
        quaternion, yaw = demo["obs/robot0_eef_quat"][0], steps[0].observation.tool.yaw
        down = np.array([np.cos(yaw / 2), np.sin(yaw / 2), 0.0, 0.0])  # a gripper that points down
        assert abs(quaternion @ down) == pytest.approx(1.0)
        target = steps[0].targets[""]
        assert demo["actions"][0, :3] == pytest.approx(target.pose.position)
        c, s = np.cos(target.pose.yaw), np.sin(target.pose.yaw)  # Rz(yaw) Rx(pi), its first two rows
        assert demo["actions"][0, 3:9] == pytest.approx([c, s, 0.0, s, -c, 0.0], abs=1e-9)
        assert demo["actions"][0, 9] == (-1.0 if target.width > 0.0 else 1.0)


def test_demonstrations_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "a.hdf5", episodes=12)
    with h5py.File(path) as file:
        assert list(file["data"])[:4] == ["demo_0", "demo_1", "demo_10", "demo_11"]  # as HDF5 lists them
    reader = RobomimicReader(path)
    found = list(reader.episodes(["actions"]))
    assert [each.name for each in found] == [f"demo_{i}" for i in range(12)]
    assert [len(each.arrays["actions"]) for each in found] == [5 + i for i in range(12)]
    assert (reader.count, reader.rate_hz) == (12, 20.0)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edited(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        with h5py.File(path, "a") as file:
            change(file["data"])

    return edit


def put(key: str, value: object) -> Callable[[Path], None]:
    def change(data: Any) -> None:
        del data[key]
        data[key] = value

    return edited(change)


def without(key: str) -> Callable[[Path], None]:
    return edited(lambda data: data.__delitem__(key))


def empty(data: Any) -> None:
    for name in list(data):
        del data[name]


POS = "obs/robot0_eef_pos"
CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut off": (cut, "a.hdf5 cannot be read as HDF5: .*truncated.*; if it was cut off, copy or record it again"),
    "no demonstrations": (edited(empty), "a.hdf5 has no demonstrations"),
    "no key": (without(f"demo_0/{POS}"), f"a.hdf5 has no {POS} for tool; it has actions, dones, obs/cube_pos"),
    "no key later": (without(f"demo_1/{POS}"), f"a.hdf5: demo_1 has no {POS}, which the demonstrations before have"),
    "no actions": (without("demo_0/actions"), "a.hdf5 has no actions for the command of tool"),
    "two numbers": (put(f"demo_0/{POS}", np.zeros((5, 2))), f"tool needs 7 numbers .*, {POS} .* has 6"),
    "other shape": (put(f"demo_1/{POS}", np.zeros((6, 2))), f"demo_1/{POS} has shape .*, those before had"),
    "other length": (put(f"demo_1/{POS}", np.zeros((4, 3))), f"demo_1 has arrays of several lengths: .*{POS} 4"),
    "no step": (edited(lambda data: _shorten(data["demo_0"])), "demo_0 has no step"),
    "text": (put(f"demo_0/{POS}", [[b"a", b"b", b"c"]] * 5), f"demo_0/{POS} has no numbers but"),
    "matrix": (put("demo_0/actions", np.zeros((5, 2, 5))), "actions has shape .2, 5., so that the command of tool"),
    "specs": (edited(lambda data: data.attrs.__setitem__("zprl", "{}")), "the specs that zprl wrote into it cannot be"),
    "version": (edited(lambda data: data.attrs.__setitem__("zprl", '{"version": 9}')), "use a newer zprl"),
}


def _shorten(group: Any) -> None:
    found: list[str] = []
    group.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    for name in found:
        shape = group[name].shape
        del group[name]
        group[name] = np.zeros((0, *shape[1:]))


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, case: str) -> None:
    spoil, why = CASES[case]
    path = written(tmp_path / "a.hdf5")
    spoil(path)
    with pytest.raises(RecordError, match=why) as error:
        imported(path)
    assert "\n" not in str(error.value) and not path.with_name("demos").exists()


def test_a_file_of_another_kind_says_so(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(RecordError, match=r"a.hdf5 has no group data; give a file of robomimic's format"):
        imported(tmp_path / "a.hdf5")


def test_an_episode_with_a_number_that_is_not_finite_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "a.hdf5")
    with h5py.File(path, "a") as file:
        file["data/demo_1/obs/cube_pos"][2, 1] = np.nan
    made = imported(path)
    assert made.episodes == 2
    assert [(left.name, left.why) for left in made.left] == [
        ("demo_1", "obs/cube_pos + obs/cube_quat, for cube, is not finite at step 2")
    ]


def test_a_file_of_nothing_else_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.hdf5", episodes=1)
    with h5py.File(path, "a") as file:
        file["data/demo_0/actions"][0, 0] = np.inf
    with pytest.raises(
        RecordError, match=r"no episode in .* can be used; demo_0: actions.0:9., for tool, is not finite"
    ):
        imported(path)
    assert not path.with_name("demos").exists()
