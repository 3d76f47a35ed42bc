"""An episode's reset, step by step: the arm goes to its start, then the scene is put in order."""

from enum import Enum

from zprl_control.driver import ArmLost
from zprl_control.safety.checks import Refused
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ENABLED, ArmMode, IllegalTransition


class ResetStep(Enum):
    """How far a reset is."""

    ARM = "the arm moves to its start"
    SCENE = "the scene is put in order"
    DONE = ""
    IMPOSSIBLE = "impossible"

    @property
    def pending(self) -> bool:
        """Whether to ask again."""
        return self in (ResetStep.ARM, ResetStep.SCENE)


class Resetting:
    """Follows one reset at a time."""

    def __init__(self, session: ArmSession, scene: bool):
        self.session, self.scene = session, scene
        self.message = ""
        self._step: ResetStep | None = None  # None: no reset is under way

    def advance(self, scene_ready: bool) -> ResetStep:
        """Begin a reset, or see how far it is. `scene_ready`: whether the scene has been put in order."""
        try:
            step = self._next(scene_ready)
            self.message = self._why() if step == ResetStep.IMPOSSIBLE else step.value
        except (IllegalTransition, Refused, ArmLost) as refused:
            step, self.message = ResetStep.IMPOSSIBLE, str(refused)
        self._step = step if step.pending else None
        return step

    def _why(self) -> str:
        if self.session.mode in ENABLED:
            return "the arm is not at its start: the motion was cancelled, or somebody moved it; ask for another reset"
        return self.session.reason or f"the arm is in {self.session.mode.name}; enable it first"

    def _next(self, scene_ready: bool) -> ResetStep:
        mode = self.session.mode
        if mode not in ENABLED:
            return ResetStep.IMPOSSIBLE
        if mode == ArmMode.RESET:
            return ResetStep.ARM
        if self._step is None:
            self.session.pause()  # from STREAM no way leads to RESET
            self.session.reset()
            return ResetStep.ARM
        if not self.session.arrived:
            return ResetStep.IMPOSSIBLE
        return ResetStep.DONE if scene_ready or not self.scene else ResetStep.SCENE
