"""The format of a policy's actions: for each arm a Cartesian or joint part and a gripper part.

It is saved with the base policy and the run. An action is a vector of numbers in [-1, 1]. `ActionSpec.targets`
converts it to targets for the arms; `ActionSpec.action` is the inverse.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.action_json import arm_from_json, arm_to_json
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain
from zprl_core.observation import Observation

Action = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]

MOST_ARMS = 8


@dataclass(frozen=True)
class VectorAction:
    """The native action vector of an environment, between `low` and `high`."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.low or len(self.low) != len(self.high):
            raise ValueError(f"a vector action needs as many lows as highs, got {len(self.low)} and {len(self.high)}")
        if any(not a < b or not math.isfinite(b - a) for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError("the ranges of a vector action must be finite and not empty")

    @property
    def size(self) -> int:
        """Number of components of the action."""
        return len(self.low)

    def value(self, a: npt.NDArray[np.floating]) -> Action:
        """Returns (size,): the action in the environment's own range."""
        low, high = np.array(self.low), np.array(self.high)
        return np.asarray(low + (high - low) * (np.clip(a, -1.0, 1.0) + 1.0) / 2.0, dtype=np.float32)

    def action(self, value: npt.NDArray[np.floating]) -> Action:
        """Returns (size,) in [-1, 1] for a value in the environment's own range."""
        low, high = np.array(self.low), np.array(self.high)
        return np.asarray(2.0 * (np.asarray(value) - low) / (high - low) - 1.0, dtype=np.float32)


@dataclass(frozen=True)
class ActionSpec:
    """The arms commanded in each control step, or the action vector of an environment without arms."""

    arms: tuple[ArmAction, ...] = (ArmAction(),)
    vector: VectorAction | None = None
    rate_hz: float = 20.0  # control steps per second

    def __post_init__(self) -> None:
        if bool(self.arms) == (self.vector is not None):
            raise ValueError("an action spec needs either arms or a vector, not both")
        names = [arm.arm for arm in self.arms]
        if len(names) > MOST_ARMS or len(set(names)) < len(names) or (len(names) > 1 and "" in names):
            raise ValueError(f"up to {MOST_ARMS} arms are allowed, each with its own name; got {names}")
        if not 0.0 < self.rate_hz <= 1000.0:
            raise ValueError(f"rate_hz must be in (0, 1000], got {self.rate_hz}")

    @property
    def size(self) -> int:
        """A: number of components of an action."""
        return self.vector.size if self.vector else sum(arm.size for arm in self.arms)

    @property
    def still(self) -> npt.NDArray[np.bool_]:
        """Returns (A,): True where 0 means no motion; the other components hold their last value."""
        return np.array([False] * self.size if self.vector else [x for arm in self.arms for x in arm.still])

    def targets(self, action: npt.NDArray[np.floating], observation: Observation) -> dict[str, ArmTarget]:
        """Returns each arm's target by arm name, clipping the action to [-1, 1].

        Raises ValueError when the action is not finite.
        """
        if not np.all(np.isfinite(action)):
            raise ValueError(f"action {action} is not finite; the arm keeps its last target")
        a, at, targets = np.clip(action, -1.0, 1.0), 0, {}
        for arm in self.arms:
            targets[arm.arm] = arm.target(a[at : at + arm.size], observation)
            at += arm.size
        return targets

    def target(self, action: npt.NDArray[np.floating], observation: Observation) -> ArmTarget:
        """Returns the target of the only arm. Raises ValueError unless there is exactly one arm."""
        if len(self.arms) != 1:
            raise ValueError(f"the action is for {len(self.arms)} arms, not one")
        return self.targets(action, observation)[self.arms[0].arm]

    def commanded(self, action: npt.NDArray[np.floating], observation: Observation) -> Values:
        """Returns (n,): commanded tool positions [m], joint angles [rad] or environment values, for smoothness."""
        if self.vector:
            return np.asarray(self.vector.value(action), dtype=np.float64)
        targets = self.targets(action, observation).values()
        return np.concatenate([t.tool.position if t.tool else t.joints for t in targets])

    @property
    def commanded_unit(self) -> str:
        """Returns the unit of a thousandth of what `commanded` returns."""
        in_joints = {isinstance(arm.motion, JointAction) for arm in self.arms}
        if len(in_joints) != 1:
            return "thousandths of the action's units"
        return "mrad of joint angle" if True in in_joints else "mm of tool position"

    def action(self, targets: Mapping[str, ArmTarget], observation: Observation) -> Action:
        """Returns (A,): the action that produces `targets`. It may lie outside [-1, 1]."""
        return np.array([x for arm in self.arms for x in arm.action(targets[arm.arm], observation)], dtype=np.float32)

    def to_json(self) -> dict[str, Any]:
        """Returns plain values for a JSON file."""
        vector = None if self.vector is None else flatten(self.vector)
        return {"rate_hz": self.rate_hz, "arms": [arm_to_json(arm) for arm in self.arms], "vector": vector}

    @classmethod
    def from_json(cls, value: Any) -> "ActionSpec":
        """Rebuilds the spec written by `to_json`. Raises ValueError for anything else."""
        if not isinstance(value, dict) or value.keys() != {"rate_hz", "arms", "vector"}:
            raise ValueError("an action spec needs the keys rate_hz, arms and vector")
        arms, vector = value["arms"], value["vector"]
        if not isinstance(arms, list) or len(arms) > MOST_ARMS:
            raise ValueError(f"the arms of an action spec must be a list of up to {MOST_ARMS}")
        rate = value["rate_hz"]
        if isinstance(rate, bool) or not isinstance(rate, int | float):
            raise ValueError("rate_hz must be a number")
        made = None if vector is None else from_plain(VectorAction, vector)
        return cls(tuple(arm_from_json(arm) for arm in arms), made, float(rate))


PLANAR = ActionSpec()
"""The default, planar action: dx, dy, dz, dyaw, grip."""
