"""`zprl bags import`, `export` and `map` as commands, with a file as robosuite's users have them."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from command_line import run_zprl
from dataset_steps import LIFT, episode
from zprl.training.demos import Demos
from zprl_cli.datasets.robomimic.writer import RobomimicWriter

STEPS = 20


def robosuite(path: Path) -> Path:
    """A gripper that moves 5 mm a step and closes in the middle, seen from robosuite's world; deltas as actions."""
    i = np.arange(STEPS)
    with h5py.File(path, "w") as file:
        for name in ("demo_1", "demo_2", "demo_10"):
            demo = file.create_group(f"data/{name}")
            place = np.stack([-0.16 + 0.005 * i, 0.0 * i, 1.1 + 0.0 * i], axis=1)  # the base is at -0.56, 0, 0.912
            demo["obs/robot0_eef_pos"], demo["obs/robot0_eef_quat"] = place, np.tile([1.0, 0, 0, 0], (STEPS, 1))
            demo["obs/robot0_gripper_qpos"] = np.where(i[:, None] < 10, 0.04, 0.02) * [1.0, -1.0]
            demo["obs/object"] = np.tile([0.0, 0.0, 0.83, 0.0, 0.0, 0.0, 1.0, 9.0, 9.0, 9.0], (STEPS, 1))
            demo["actions"] = np.stack([0.1 + 0.0 * i, *[0.0 * i] * 5, np.where(i < 10, -1.0, 1.0)], axis=1)
            demo["states"] = np.zeros((STEPS, 32))
            demo.attrs["num_samples"] = STEPS
        file["data"].attrs["env_args"] = '{"env_name": "Lift", "type": 1, "env_kwargs": {"control_freq": 20}}'
    return path


def test_a_file_of_robosuite_is_mapped_and_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, map_file = robosuite(tmp_path / "low_dim.hdf5"), tmp_path / "map.yaml"
    assert run_zprl(monkeypatch, "bags", "map", file, "--out", map_file) == 0
    assert f"then zprl bags import {file} --out demos --map {map_file}" in capsys.readouterr().out
    text = map_file.read_text()
    assert "  tool: obs/robot0_eef_pos + obs/robot0_eef_quat\n" in text and "#   obs/object 10\n" in text
    assert "  width: {columns: 'obs/robot0_gripper_qpos[0]', scale: 2}\n  cube: ''" in text
    assert run_zprl(monkeypatch, "bags", "import", file, "--out", tmp_path / "demos", "--map", map_file) == 2
    assert "streams: cube: '' names no columns; write KEY" in capsys.readouterr().err
    text = text.replace("cube: ''", "cube: obs/object[0:7]").replace("# base: [0, 0, 0]", "base: [-0.56, 0, 0.912]")
    command = "commands: {width: {columns: 'actions[6]', scale: -0.04, offset: 0.04}}\n"
    map_file.write_text(text + command)
    assert run_zprl(monkeypatch, "bags", "import", file, "--out", tmp_path / "demos", "--map", map_file) == 0
    said = capsys.readouterr().out
    assert said == f"{tmp_path / 'demos'}: 3 demonstrations, {3 * (STEPS - 1)} steps; 0 left out\n"
    demos = Demos.load(tmp_path / "demos")
    # tool x, y, z, cos and sin of its yaw, width, then the cube alike, in the frame of the arm's base
    assert demos.observations[0] == pytest.approx([0.4, 0, 0.188, 1, 0, 0.08, 0.56, 0, -0.082, 1, 0], abs=1e-6)
    assert demos.actions[0] == pytest.approx([0.25, 0, 0, 0, 1.0], abs=1e-5)  # 5 mm of 2 cm
    assert demos.actions[STEPS - 2, 4] == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("rate_hz: 10\n", "has 20 steps per second, lift acts at 10 Hz; write rate_hz: 20 into the mapping"),
        ("commands: {width: 'action[6]'}\n", "has no action for the command of width; it has actions, obs/object"),
        ("commands: {width: 'actions[7]'}\n", "actions has shape (7,), so that the command of width cannot be"),
        (
            "commands: {tool: 'actions[0:6]'}\n",
            "the command of tool needs 7 numbers (position and rotation quaternion)",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], change: str, why: str
) -> None:
    file, map_file = robosuite(tmp_path / "low_dim.hdf5"), tmp_path / "map.yaml"
    streams = "tool: obs/robot0_eef_pos + obs/robot0_eef_quat, width: 'obs/robot0_gripper_qpos[0]'"
    map_file.write_text(f"like: lift\n{change}streams: {{{streams}, cube: 'obs/object[0:7]'}}\n")
    assert run_zprl(monkeypatch, "bags", "import", file, "--out", tmp_path / "demos", "--map", map_file) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert why in said and str(file) in said


def test_too_fast_an_arm_is_no_teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An episode is judged as a bag is."""
    file, map_file = robosuite(tmp_path / "low_dim.hdf5"), tmp_path / "map.yaml"
    with h5py.File(file, "a") as opened:
        opened["data/demo_2/obs/robot0_eef_pos"][:, 0] *= 6.0  # 3 cm a step
    streams = "tool: obs/robot0_eef_pos + obs/robot0_eef_quat, width: 'obs/robot0_gripper_qpos[0]'"
    map_file.write_text(f"like: lift\nstreams: {{{streams}, cube: 'obs/object[0:7]'}}\n")
    assert run_zprl(monkeypatch, "bags", "import", file, "--out", tmp_path / "demos", "--map", map_file) == 0
    said = capsys.readouterr().out
    assert "2 demonstrations" in said and "demo_2   100 % of the steps are beyond the range of the actions" in said


def test_an_export_of_zprl_is_imported_by_its_path_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with RobomimicWriter(tmp_path / "a.hdf5", LIFT) as writer:
        writer.add(episode(LIFT, 8), success=True)
    assert run_zprl(monkeypatch, "bags", "import", tmp_path / "a.hdf5", "--out", tmp_path / "demos") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'demos'}: 1 demonstrations, 8 steps; 0 left out\n"
    assert run_zprl(monkeypatch, "bags", "import", tmp_path / "a.hdf5", "--out", tmp_path / "demos") == 2
    assert "demos exists; give another --out, or remove it" in capsys.readouterr().err


def test_two_cameras_are_two_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = robosuite(tmp_path / "image.hdf5")
    with h5py.File(file, "a") as opened:
        opened["data/demo_1/obs/agentview_image"] = np.zeros((STEPS, 8, 8, 3), np.uint8)
        opened["data/demo_1/obs/wrist_image"] = np.zeros((STEPS, 8, 8, 3), np.uint8)
    assert run_zprl(monkeypatch, "bags", "map", file, "--obs", "images") == 0
    lines = capsys.readouterr().out.splitlines()
    (front,) = (line for line in lines if line.startswith("  front: "))
    (wrist,) = (line for line in lines if line.startswith("  wrist: "))
    assert front.split()[1] != wrist.split()[1] and {front.split()[1], wrist.split()[1]} == {
        "obs/agentview_image",
        "obs/wrist_image",
    }


def test_a_sentence_is_for_lerobot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("export", tmp_path, "--out", tmp_path / "a", "--to", "robomimic", "--sentence", "Lift the cube.")
    assert run_zprl(monkeypatch, "bags", *words) == 2
    assert "--sentence is for --to lerobot; remove it" in capsys.readouterr().err
