"""The targets that a chunk of actions leads to, for people who watch the policy."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.observation import Observation, Sample


def planned(
    spec: ActionSpec, actions: Iterable[npt.NDArray[np.float32]], observation: Observation
) -> list[dict[str, ArmTarget]]:
    """Return each arm's target for each action (A,), by arm name.

    A delta starts where the target before it is, as if the arm had reached it. Raises ValueError for an action that is
    not finite.
    """
    plan: list[dict[str, ArmTarget]] = []
    for action in actions:
        targets = spec.targets(action, observation)
        reached = {arm.stream: _reached(targets[arm.arm]) for arm in spec.arms}
        observation = replace(observation, samples={**observation.samples, **reached})
        plan.append(targets)
    return plan


def _reached(target: ArmTarget) -> Sample:
    return target.tool if target.tool is not None else np.array(target.joints, np.float64)
