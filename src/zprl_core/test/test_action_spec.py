"""Actions to targets and back."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.action import ArmTarget
from zprl_core.action_spec import PLANAR, ActionSpec, VectorAction
from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction, JointAction
from zprl_core.observation import Observation, Pose
from zprl_core.rotation import Rotation

TOOL = Pose((0.4, -0.1, 0.2), 3.0)
SEEN = Observation.of_arm(0, TOOL, 0.08)
TILTED = Observation.of_arm(0, Pose((0.4, -0.1, 0.2), 0.3, 0.2, -0.4), 0.08)
NAMES = ("j1", "j2", "j3")
AT = Observation(0, {"joints": np.array([0.1, -0.2, 1.0])})


def cartesian(rotation: Rotation, absolute: bool = False) -> ActionSpec:
    return ActionSpec((ArmAction(motion=CartesianAction(rotation, absolute)),))


NUMBERS = st.lists(st.floats(-1.0, 1.0), min_size=7, max_size=7)


@given(NUMBERS)
def test_what_is_executed_is_the_action_it_came_from(numbers: list[float]) -> None:
    action = np.array(numbers[:5])
    assert PLANAR.action(PLANAR.targets(action, SEEN), SEEN) == pytest.approx(action, abs=1e-5)
    spec, action = cartesian(Rotation.VECTOR), np.array(numbers)
    assert spec.action(spec.targets(action, TILTED), TILTED) == pytest.approx(action, abs=1e-5)
    joints = ActionSpec((ArmAction(motion=JointAction(NAMES)),))
    action = np.array(numbers[:4])
    assert joints.action(joints.targets(action, AT), AT) == pytest.approx(action, abs=1e-5)


def test_a_person_may_move_the_arm_farther_than_any_action() -> None:
    """5 cm in one step, at 2 cm for a full action, is 2.5 of it; a gripper that is half open is 0."""
    target = ArmTarget(Pose((0.45, -0.1, 0.2), 3.0), 0.04)
    assert PLANAR.action({"": target}, SEEN) == pytest.approx([2.5, 0.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_a_turn_is_about_the_axes_of_the_base() -> None:
    """A full action turns by 0.1 rad: about y, from a hand that is turned by 90 degrees about z."""
    seen = Observation.of_arm(0, Pose((0.4, 0.0, 0.2), math.pi / 2), 0.08)
    target = cartesian(Rotation.VECTOR).target(np.array([0, 0, 0, 0, 1.0, 0, 1.0]), seen)
    c, s = math.cos(0.1), math.sin(0.1)
    assert target.pose.matrix == pytest.approx(np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ seen.tool.matrix)
    assert target.width == pytest.approx(0.08)


def test_a_planar_action_lets_the_hand_point_down() -> None:
    assert PLANAR.target(np.zeros(5), TILTED).pose == Pose((0.4, -0.1, 0.2), 0.3)


@pytest.mark.parametrize("rotation", Rotation)
def test_an_absolute_pose_and_back(rotation: Rotation) -> None:
    spec = cartesian(rotation, absolute=True)
    pose = Pose((0.47, 0.0, 0.216), 0.5) if rotation == Rotation.YAW else Pose((0.47, 0.0, 0.216), 0.5, 0.1, -0.2)
    action = spec.action({"": ArmTarget(pose, 0.02)}, SEEN)
    assert action[:3] == pytest.approx([0.0, 0.0, 0.0], abs=1e-6) and action[-1] == pytest.approx(-0.5)
    assert spec.target(action, SEEN).pose.six == pytest.approx(pose.six, abs=1e-6)


def test_joints_by_steps_and_absolute() -> None:
    """A full action is 0.05 rad; -1..1 is -2..2 rad."""
    step = ActionSpec((ArmAction(motion=JointAction(NAMES), gripper=None),))
    assert step.target(np.array([1.0, 0.0, -0.5]), AT).joints == pytest.approx([0.15, -0.2, 0.975])
    ends = ActionSpec((ArmAction(motion=JointAction(NAMES, True, low=(-2,) * 3, high=(2,) * 3), gripper=None),))
    assert ends.target(np.array([1.0, 0.0, -0.5]), AT).joints == pytest.approx([2.0, 0.0, -1.0])
    assert ends.action({"": ArmTarget(None, joints=(2.0, 0.0, -1.0))}, AT) == pytest.approx([1.0, 0.0, -0.5])


def test_two_arms_each_have_their_numbers() -> None:
    spec = ActionSpec((ArmAction("left"), ArmAction("right", gripper=None)))
    samples = {"left/tool": Pose((0.4, 0.1, 0.2)), "right/tool": Pose((0.4, -0.1, 0.2))}
    targets = spec.targets(np.array([1, 0, 0, 0, 1, 0, 1, 0, 0.0]), Observation(0, samples))
    assert spec.size == 9 and list(targets) == ["left", "right"]
    assert targets["left"].pose.position == pytest.approx((0.42, 0.1, 0.2)) and targets["left"].width == 0.08
    assert targets["right"].pose.position == pytest.approx((0.4, -0.08, 0.2)) and math.isnan(targets["right"].width)


def test_an_environments_own_numbers() -> None:
    spec = ActionSpec((), VectorAction((-2.0, 0.0), (2.0, 10.0)))
    assert spec.vector is not None and spec.vector.value(np.array([0.5, -1.0])) == pytest.approx([1.0, 0.0])
    assert spec.vector.action(np.array([1.0, 0.0])) == pytest.approx([0.5, -1.0])


def test_what_stands_still() -> None:
    joints = ArmAction("b", JointAction(NAMES, True, low=(-1,) * 3, high=(1,) * 3), GripperAction())
    assert ActionSpec((ArmAction("a"), joints)).still.tolist() == [True] * 4 + [False] * 5


def test_smoothness_has_a_unit() -> None:
    joints, vector = ArmAction("left", JointAction(("a", "b"))), VectorAction((-1.0,), (1.0,))
    assert PLANAR.commanded_unit == "mm of tool position"
    assert ActionSpec((joints,)).commanded_unit == "mrad of joint angle"
    for mixed in (ActionSpec((joints, ArmAction("right"))), ActionSpec((), vector)):
        assert mixed.commanded_unit == "thousandths of the action's units"


def test_an_action_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="keeps its last target"):
        PLANAR.targets(np.array([0, 0, np.nan, 0, 0]), SEEN)


NUMBERS = (0.0, -1.0, math.nan, math.inf)  # that are no size of a step, no width and no rate


@pytest.mark.parametrize(
    "make",
    [
        lambda: ActionSpec(()),
        lambda: ActionSpec((ArmAction("a"), ArmAction("a"))),
        lambda: ActionSpec((ArmAction(), ArmAction("b"))),
        lambda: CartesianAction(Rotation.SIX),
        lambda: JointAction(("a", "a")),
        lambda: JointAction(NAMES, True, low=(0,), high=(1,)),
        lambda: VectorAction((0.0,), (math.inf,)),
        lambda: ArmTarget(None),
        *(partial(CartesianAction, step_m=x) for x in NUMBERS),
        *(partial(CartesianAction, step_rad=x) for x in NUMBERS),
        *(partial(JointAction, NAMES, step_rad=x) for x in NUMBERS),
        *(partial(GripperAction, x) for x in NUMBERS),
        *(partial(ActionSpec, (ArmAction(),), rate_hz=x) for x in NUMBERS),
        lambda: CartesianAction(low=(-math.inf, 0.0, 0.0), high=(1.0, 1.0, 1.0)),
        lambda: JointAction(("a",), True, low=(0.0,), high=(math.inf,)),
        lambda: JointAction(("a",), True, low=(math.nan,), high=(1.0,)),
    ],
)
def test_what_makes_no_sense_is_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError):
        make()


SPECS = [
    PLANAR,
    cartesian(Rotation.SIX, absolute=True),
    ActionSpec((ArmAction("left", JointAction(NAMES)), ArmAction("right", gripper=None)), rate_hz=10.0),
    ActionSpec((), VectorAction((-1.0,), (3.0,))),
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_goes_through_json(spec: ActionSpec) -> None:
    import json

    assert ActionSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    "change",
    [
        {"rate_hz": "fast"}, {"arms": 3}, {"vector": {"low": [0], "high": ["x"]}}, {"more": 1},
        {"rate_hz": float("nan")},
        {"arms": [{"arm": 1, "frame": "f", "gripper": None, "cartesian": {}}]},
        {"arms": [{"arm": "", "frame": "f", "gripper": None, "cartesian": {"rotation": "euler"}}]},
        {"arms": [{"arm": "", "frame": "f", "gripper": None, "cartesian": {"step_m": True}}]},
        {"arms": [{"arm": "", "frame": "f", "gripper": None, "joints": {}}]},
    ],
)  # fmt: skip
def test_a_damaged_spec_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        ActionSpec.from_json(PLANAR.to_json() | change)
