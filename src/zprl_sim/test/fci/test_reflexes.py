"""Limits and reflexes of the simulated FCI, by numbers."""

import numpy as np
import pytest

from zprl_sim.fci.reflexes import ERRORS, SLACK, Collision, Limits, Mode, Reflexes, flags

MIDDLE = np.array([0.0, 0.0, 0.0, -1.5, 0.0, 2.0, 0.0])
STILL, TOOL = np.zeros(7), np.array([0.45, 0.0, 0.2])


def exceeded(excess: dict[str, float]) -> list[str]:
    return [name for name, value in excess.items() if value > 0.0]


def test_inside_is_silent() -> None:
    assert exceeded(Limits().measured(MIDDLE, STILL, TOOL, np.zeros(3))) == []
    assert exceeded(Limits().commanded_joints(MIDDLE)) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"q": [0, 0, 0, -0.15, 0, 2, 0]}, "joint_position_limits_violation"),  # joint 4 ends at -0.1518
        ({"dq": [0, 2.7, 0, 0, 0, 0, 0]}, "joint_velocity_violation"),  # 2.62
        ({"tool": [0.45, 0.0, -0.02]}, "cartesian_position_limits_violation"),
        ({"tool_velocity": [0, 0, -3.1]}, "cartesian_velocity_violation"),
    ],
)
def test_each_measured_limit_has_its_error(change: dict[str, list[float]], name: str) -> None:
    state = {"q": MIDDLE, "dq": STILL, "tool": TOOL, "tool_velocity": np.zeros(3)}
    state |= {key: np.array(value) for key, value in change.items()}
    assert exceeded(Limits().measured(**state)) == [name]


def test_a_box_inside_out_is_refused() -> None:
    with pytest.raises(ValueError, match="workspace: each lower limit must be below its upper limit"):
        Limits(workspace=((0.2, 0.7), (0.3, -0.3), (0.0, 0.6)))


def test_commands_have_errors_of_their_own() -> None:
    limits = Limits()
    assert exceeded(limits.commanded_joints(np.full(7, 3.0))) == ["joint_motion_generator_position_limits_violation"]
    fast = limits.commanded_joint_speed(np.full(7, -3.0))
    assert exceeded(fast) == ["joint_motion_generator_velocity_limits_violation"]
    assert exceeded(limits.commanded_tool_speed(np.array([4.0, 0, 0, 0, 0, 0]))) == [
        "cartesian_motion_generator_velocity_limits_violation"
    ]


def test_contact_is_a_reflex_only_above_a_threshold_that_was_set() -> None:
    push = np.array([0, 0, -20.0, 0, 0, 0])
    assert exceeded(Collision().exceeded(np.zeros(7), push)) == []
    assert exceeded(Collision((10.0,) * 7, (15.0,) * 6).exceeded(np.zeros(7), push)) == ["cartesian_reflex"]


def test_a_reflex_stays_until_recovered_and_then_its_reason_remains() -> None:
    reflexes = Reflexes()
    assert reflexes.watch({"joint_velocity_violation": 0.1})
    assert not reflexes.watch({"joint_velocity_violation": 0.2})  # it began once
    assert reflexes.mode is Mode.REFLEX and not reflexes.ready
    assert reflexes.recover()
    assert reflexes.ready and not reflexes.current and reflexes.last == {"joint_velocity_violation"}
    reflexes.started()
    assert not reflexes.last


def test_after_a_recovery_the_way_back_is_open_and_the_way_out_is_not() -> None:
    name, reflexes = "joint_position_limits_violation", Reflexes()
    reflexes.watch({name: 0.005})
    reflexes.recover()
    assert not reflexes.watch({name: 0.004})
    assert reflexes.watch({name: 0.005 + SLACK + 0.01})
    reflexes.recover()
    assert not reflexes.watch({name: -0.1})
    assert reflexes.watch({name: 0.001})  # inside again, the whole limit counts


def test_the_stop_button_is_not_recovered_from() -> None:
    reflexes = Reflexes()
    reflexes.inject("joint_reflex")
    reflexes.stop()
    assert not reflexes.recover()
    reflexes.release()
    assert reflexes.mode is Mode.REFLEX
    assert reflexes.recover()


def test_flags_are_in_the_order_of_the_wire() -> None:
    assert len(ERRORS) == len(set(ERRORS)) == 41
    assert [i for i, flag in enumerate(flags(frozenset({"joint_reflex", ERRORS[40]}))) if flag] == [6, 40]
