"""Resets an episode step by step: first the arm moves to its start, then the scene is reset."""

from enum import Enum

from zprl_control.driver import ArmLost
from zprl_control.safety.checks import Refused
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ENABLED, ArmMode, IllegalTransition


class ResetStep(Enum):
    """The current step of a reset."""

    ARM = "the arm is moving to its start"
    SCENE = "the scene is being reset"
    DONE = ""
    IMPOSSIBLE = "impossible"

    @property
    def pending(self) -> bool:
        """True if the caller should ask again."""
        return self in (ResetStep.ARM, ResetStep.SCENE)


class Resetting:
    """Runs one reset at a time."""

    def __init__(self, session: ArmSession, scene: bool):
        self.session, self.scene = session, scene
        self.message = ""
        self._step: ResetStep | None = None  # None: no reset is running

    def advance(self, scene_ready: bool) -> ResetStep:
        """Starts a reset, or returns the step of the running one. `scene_ready`: the scene has been reset."""
        try:
            step = self._next(scene_ready)
            self.message = self._why() if step == ResetStep.IMPOSSIBLE else step.value
        except (IllegalTransition, Refused, ArmLost) as refused:
            step, self.message = ResetStep.IMPOSSIBLE, str(refused)
        self._step = step if step.pending else None
        return step

    def _why(self) -> str:
        if self.session.mode in ENABLED:
            return "the arm is not at its start: its motion was canceled or it was moved afterwards; reset again"
        return self.session.reason or f"the arm is in {self.session.mode.name}; enable it first"

    def _next(self, scene_ready: bool) -> ResetStep:
        mode = self.session.mode
        if mode not in ENABLED:
            return ResetStep.IMPOSSIBLE
        if mode == ArmMode.RESET:
            return ResetStep.ARM
        if self._step is None:
            self.session.pause()  # there is no transition from STREAM to RESET
            self.session.reset()
            return ResetStep.ARM
        if not self.session.arrived:
            return ResetStep.IMPOSSIBLE
        return ResetStep.DONE if scene_ready or not self.scene else ResetStep.SCENE
