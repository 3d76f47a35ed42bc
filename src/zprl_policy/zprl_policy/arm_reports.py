"""Combines what the arms report about each control step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zprl.rl.transition_builder import ExecutedAction
from zprl_core import topic_names
from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Observation


@dataclass(frozen=True)
class ArmReport:
    """The report of an arm at its state of `stamp_ns`: its mode and the target executed in the step before."""

    stamp_ns: int
    mode: ArmMode
    target: ArmTarget  # undefined in modes that follow no command
    reason: str = ""
    clipped: bool = False
    person: bool = False
    arm: str = ""  # name of the arm in the action spec


class ArmReports:
    """The newest report of each arm, and those about a step until every arm has sent its own."""

    def __init__(self, spec: ActionSpec):
        self.spec = spec
        self.newest: dict[str, ArmReport] = {}  # of each arm that publishes any
        self._answered: dict[str, ArmReport] = {}  # the newest when the last step was answered
        self._parts: dict[int, dict[str, ArmReport]] = {}  # by stamp of the step and arm
        self._people: set[str] = set()  # arms that the operator moved in the last control step

    def released(self, report: ArmReport) -> bool:
        """Notes whether the operator moves this arm. Returns True when they have just let go of it."""
        before = report.arm in self._people
        (self._people.add if report.person else self._people.discard)(report.arm)
        return before and not report.person

    def about(self, step: Observation, report: ArmReport, kept: Iterable[Observation]) -> ExecutedAction | None:
        """Adds a report about a step. Returns what was executed in it, once every arm has sent its own.

        Parts of steps that are no longer `kept` are forgotten.
        """
        stamps = {o.stamp_ns for o in kept}
        self._parts = {stamp: parts for stamp, parts in self._parts.items() if stamp in stamps}
        parts = self._parts.setdefault(step.stamp_ns, {})
        parts[report.arm] = report
        if len(parts) < len(self.spec.arms):
            return None
        del self._parts[step.stamp_ns]
        clipped, person = any(r.clipped for r in parts.values()), any(r.person for r in parts.values())
        return ExecutedAction(self._action(parts, step), clipped, person)

    def on_answer(self) -> None:
        """Notes that a step was answered: each arm then reports anew."""
        self._answered = dict(self.newest)

    def missing_topic(self) -> str:
        """Returns the topic of an arm whose report is missing; "" if there is none, or no arm publishes reports.

        A second command would replace the first before the arm has executed it.
        """
        for arm in self.spec.arms if self.newest else ():
            report = self.newest.get(arm.arm)
            if report is None or report is self._answered.get(arm.arm):
                return arm.topic(topic_names.ARM_STATUS)
        return ""

    def forget_steps(self) -> None:
        """Drops what was reported about steps so far."""
        self._parts.clear()

    def _action(self, parts: Mapping[str, ArmReport], step: Observation) -> npt.NDArray[np.float32] | None:
        """Returns the action that the arms executed; None if the action spec cannot express it."""
        try:
            action = self.spec.action({arm: report.target for arm, report in parts.items()}, step)
        except ValueError:  # for example, the operator moved the tool, but the policy commands joints
            return None
        return action if np.isfinite(action).all() else None
