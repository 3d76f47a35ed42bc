"""Steps of another recorder's arrays: what was commanded, or measured one step later, in the units of the mapping."""

from pathlib import Path

import numpy as np
import pytest

from dataset_steps import LIFT
from zprl_cli.datasets.columns import Source, columns_from
from zprl_cli.datasets.dataset_episode import DatasetEpisode
from zprl_cli.datasets.dataset_mapping import DatasetMapping
from zprl_cli.datasets.episode_steps import StepReader
from zprl_cli.datasets.rotation_form import RotationForm
from zprl_core.bags.bag_step import BagStep

COUNT = 6
STREAMS = {
    "tool": Source(columns_from("pos + quat")),
    "width": Source(columns_from("fingers[0]"), scale=2.0),
    "cube": Source(columns_from("cube"), RotationForm.NONE, scale=0.001),
}


def arrays() -> dict[str, np.ndarray]:
    """A gripper that points down, moves 1 cm a step along x, and closes from step 3 on."""
    x = 0.4 + 0.01 * np.arange(COUNT)
    return {
        "pos": np.stack([x, np.zeros(COUNT), np.full(COUNT, 0.2)], axis=1),
        "quat": np.tile([1.0, 0.0, 0.0, 0.0], (COUNT, 1)),
        "fingers": np.where(np.arange(COUNT)[:, None] < 3, 0.04, 0.02) * [1.0, -1.0],
        "cube": np.tile([500.0, 0.0, 20.0], (COUNT, 1)),  # [mm]
        "actions": np.tile([0.5, 0.1, 0.3, 0.0, 0.0, np.pi, 1.0], (COUNT, 1)),
    }


def steps(mapping: DatasetMapping, given: dict[str, np.ndarray]) -> tuple[tuple[BagStep, ...], int]:
    reader = StepReader(Path("a"), mapping, LIFT.observation, LIFT.action)
    found = reader.steps(DatasetEpisode("demo_0", given))
    return found.steps, found.paused


def actions(found: tuple[BagStep, ...]) -> np.ndarray:
    return np.array([LIFT.action.action(step.targets, step.observation) for step in found])


def test_by_default_the_target_is_what_was_measured_next() -> None:
    found, paused = steps(DatasetMapping("lift", STREAMS, closed_below_m=0.06), arrays())
    assert (len(found), paused) == (COUNT - 1, 0)
    first = found[0].observation
    assert first.tool.position == (0.4, 0.0, 0.2) and first.tool.yaw == pytest.approx(0.0)
    assert first.width == pytest.approx(0.08) and first.objects["cube"].position == (0.5, 0.0, 0.02)
    made = actions(found)
    assert made[:, 0] == pytest.approx(0.01 / 0.02) and made[:, 1:4] == pytest.approx(0.0, abs=1e-9)
    assert made[:, 4].tolist() == [1.0, 1.0, -1.0, -1.0, -1.0]  # 8 cm, then below 6 cm: closed


def test_commands_have_their_own_form_and_unit() -> None:
    commands = {
        "tool": Source(columns_from("actions[0:6]"), RotationForm.VECTOR),
        "width": Source(columns_from("actions[6]"), scale=-0.04, offset=0.04),
    }
    found, _ = steps(DatasetMapping("lift", STREAMS, commands=commands, base=(0.1, 0.0, 0.0)), arrays())
    assert len(found) == COUNT  # none is left out
    target = found[0].targets[""]
    assert target.pose.position == pytest.approx((0.4, 0.1, 0.3)) and target.width == pytest.approx(0.0)
    assert found[0].observation.tool.position == pytest.approx((0.3, 0.0, 0.2))  # in the frame of the base


def test_a_commanded_gripper_alone_is_enough() -> None:
    commands = {"width": Source(columns_from("actions[6]"), scale=-0.04, offset=0.04)}
    found, _ = steps(DatasetMapping("lift", STREAMS, commands=commands), arrays())
    assert len(found) == COUNT - 1 and actions(found)[:, 4] == pytest.approx(-1.0)


def test_steps_without_motion_are_left_out() -> None:
    given = arrays()
    given["pos"][2:4, 0] = given["pos"][2, 0]  # rests in step 2, while the gripper closes
    assert steps(DatasetMapping("lift", STREAMS), given)[1] == 0
    given["fingers"][:] = [0.04, -0.04]
    found, paused = steps(DatasetMapping("lift", STREAMS), given)
    assert (len(found), paused) == (COUNT - 2, 1) and [step.number for step in found] == [0, 1, 3, 4]


def test_numbers_that_cannot_be_used_are_named() -> None:
    given = arrays()
    given["quat"][4] = 0.0
    with pytest.raises(ValueError, match=r"pos [+] quat, for tool: a quaternion has length 0 instead of 1"):
        steps(DatasetMapping("lift", STREAMS), given)
    given["pos"][1, 2] = np.nan
    with pytest.raises(ValueError, match=r"pos [+] quat, for tool, is not finite at step 1"):
        steps(DatasetMapping("lift", STREAMS), given)
