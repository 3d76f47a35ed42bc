"""Problems of recorded episodes, each from the smallest episode that has it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_cli.bags.check import check_steps
from zprl_core.action import ArmTarget
from zprl_core.action_spec import PLANAR
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.observation import Observation, Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec

SPEC = ObservationSpec((
    StreamSpec("tool", "arm/current_pose", StreamKind.POSE, tool=True),
    StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, shape=(8, 8, 3)),
))  # fmt: skip
INFO = EpisodeInfo("lift", "success", 0, 10**12, 0, 20, True, SPEC, PLANAR)
RNG = np.random.default_rng(0)
Steps = list[BagStep]


def step(k: int) -> BagStep:
    image = RNG.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    tool = Pose((0.5, 0.01 * k, 0.2))
    seen = Observation(k * 50_000_000, {"tool": tool, "front": image})
    return BagStep(k, seen.stamp_ns, seen, {"": ArmTarget(tool, 0.08)}, clipped=False, person=False)


def moved(at: BagStep, **changes: object) -> BagStep:
    return replace(at, observation=replace(at.observation, **changes))


def still(steps: Steps) -> Steps:
    """From the fifth step on the camera repeats its image."""
    same = steps[5].observation.samples["front"]
    return [
        moved(s, samples={**s.observation.samples, "front": same}) if 5 <= k < 17 else s for k, s in enumerate(steps)
    ]


def jump(steps: Steps) -> Steps:
    there = [Pose((0.5, 0.01 * k + (0.3 if k > 9 else 0.0), 0.2)) for k in range(len(steps))]
    return [
        replace(moved(s, samples={**s.observation.samples, "tool": tool}), targets={"": ArmTarget(tool, 0.08)})
        for s, tool in zip(steps, there, strict=True)
    ]


@pytest.mark.parametrize(
    ("change", "held", "dropped", "problem"),
    [
        (lambda steps: steps, 0, 0, ""),
        (lambda steps: steps[:8] + steps[11:], 0, 0, "1 gaps, the longest of 0.20 s"),
        (lambda steps: steps[:8] + steps[9:], 0, 0, "1 gaps, the longest of 0.10 s"),
        (lambda steps: [*steps[:9], replace(steps[9], stamp_ns=0), *steps[10:]], 0, 0, "clock of the robot's states"),
        (jump, 0, 0, "tool jumps by 31 cm"),
        (still, 0, 0, "front shows one image for 0.6 s"),
        (
            lambda steps: [replace(s, clipped=k < 10) for k, s in enumerate(steps)],
            0,
            0,
            "50 % of the steps are clip",
        ),
        (lambda steps: steps, 10, 0, "33 % of the steps are without a command"),
        (lambda steps: steps, 0, 3, "3 messages were dropped"),
        (lambda steps: steps[4:], 0, 0, "4 of 20 control steps are missing"),
        (lambda steps: [], 0, 0, "no control step has an observation"),
    ],
)
def test_each_problem_is_named(change: Callable[[Steps], Steps], held: int, dropped: int, problem: str) -> None:
    steps = [replace(s, number=k) for k, s in enumerate(change([step(k) for k in range(20)]))]
    counted = 20 if "missing" in problem else len(steps)
    verdict = check_steps(replace(INFO, dropped=dropped, steps=counted), steps, held)
    assert verdict.usable == (problem == "")
    assert problem in "; ".join(verdict.problems) and len(verdict.problems) == bool(problem)


def test_in_real_time_the_stamps_say_how_many_steps_there_should_be() -> None:
    steps = [step(k) for k in range(20)]
    late = replace(INFO, lockstep=False, ended_ns=10**9, steps=25)  # the simulation counted five before the start
    assert check_steps(late, steps, held=0).problems == ()
    (missing,) = check_steps(late, steps[4:], held=0).problems
    assert missing == "4 of 20 control steps are missing"


def test_actions_that_a_base_cannot_repeat_are_named() -> None:
    fast = [
        replace(s, targets={"": ArmTarget(Pose((0.5, 0.01 * k + 0.03, 0.2)), 0.08)})
        for k, s in enumerate(map(step, range(20)))
    ]
    verdict = check_steps(INFO, fast, held=0)
    assert verdict.problems == ("100 % of the steps are beyond the range of the actions: demonstrate slower",)


def test_a_pause_of_a_human_is_no_gap_and_nothing_missing() -> None:
    steps = [step(k) for k in range(40) if not 10 <= k < 30]
    verdict = check_steps(replace(INFO, steps=40), steps, held=0, paused=20)
    assert verdict.problems == () and verdict.steps == 20
    torn = [replace(s, number=k) for k, s in enumerate(steps)]  # the same stamps, but the steps are not there
    assert any("gaps" in problem for problem in check_steps(replace(INFO, steps=20), torn, held=0).problems)
