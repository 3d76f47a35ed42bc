"""Prompts the operator of a real robot, and holds a reset until the operator confirms the scene. No ROS.

The arm node requests the scene about every 0.2 s until the operator confirms. Times are seconds of one monotonic
clock.
"""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.arm_mode import ENABLED, ArmMode
from zprl_core.episode_event import EpisodeEventKind

QUIET_S = 2.0  # a reset that is not requested again within this time was abandoned
SILENT_S = 1.0  # the arm publishes its mode 20 times a second
TIDY = "prepare the scene, then confirm"


@dataclass(frozen=True)
class OperatorSettings:
    """Field names are parameter names."""

    robot: Annotated[str, "name of the robot whose episodes these are"] = "robot"
    automatic: Annotated[bool, "true: episodes start and end by themselves, the operator only arranges the scene"] = (
        False
    )
    scene: Annotated[bool, "true: a human prepares the scene at each reset; false: a simulation does"] = True


@dataclass(frozen=True)
class Answer:
    """The response to a service call."""

    success: bool
    message: str
    pending: bool = False  # call again


@dataclass
class _Reset:
    seed: int
    asked_s: float
    confirmed: bool = False


class OperatorPrompt:
    """Follows arm, episode and reset, and derives the next action of the operator."""

    def __init__(self, settings: OperatorSettings):
        self.settings = settings
        self._mode: ArmMode | None = None  # None: no status received yet
        self._reason = ""
        self._heard_s = 0.0
        self._episode: int | None = None  # None: no episode is running
        self._reset: _Reset | None = None  # None: no reset waits for the operator
        self._granted_s: float | None = None  # when the last one was granted, until its episode starts
        self._failed = ""  # why the last one failed, until another starts
        self._discarded = ""  # why the last episode was discarded, until another starts

    def on_arm(self, mode: ArmMode, reason: str, now_s: float) -> None:
        """Process the arm's status. An arm that is not enabled abandons its reset and the confirmation."""
        self._mode, self._reason, self._heard_s = mode, reason, now_s
        if mode not in ENABLED:
            self._reset = self._granted_s = None

    def on_event(self, robot: str, kind: EpisodeEventKind, episode: int, reason: str = "") -> None:
        """Process the start or the end of an episode."""
        if robot == self.settings.robot:
            self._episode = episode if kind == EpisodeEventKind.STARTED else None
            self._granted_s, self._failed, self._discarded = None, "", reason

    def on_refusal(self, why: str) -> None:
        """Process a failed reset, which voids its confirmation; "" means that another one proceeds."""
        self._failed = why
        if why:
            self._reset = self._granted_s = None

    def on_reset_request(self, seed: int, now_s: float) -> Answer:
        """Answer the arm's request for the scene. A confirmation for another reset does not count."""
        if self._mode is not None and self._mode not in ENABLED:
            return Answer(False, f"{self._standstill()}; then reset again")
        self._lapse(now_s)
        reset = self._reset
        if reset is None or reset.seed != seed:
            reset = self._reset = _Reset(seed, now_s)
            self._granted_s = None
        reset.asked_s = now_s
        if not reset.confirmed:
            return Answer(False, TIDY, pending=True)
        self._reset, self._granted_s = None, now_s
        return Answer(True, "")

    def on_confirm(self, now_s: float) -> Answer:
        """Process the operator's confirmation, which counts only for a waiting reset."""
        self._lapse(now_s)
        if self._reset is None:
            return Answer(False, "no reset is waiting; confirm when prompted")
        again, self._reset.confirmed = self._reset.confirmed, True
        return Answer(True, "already confirmed" if again else "confirmed; the episode starts")

    @property
    def waiting(self) -> bool:
        """True while a reset waits for the operator."""
        return self._reset is not None and not self._reset.confirmed

    def prompt(self, now_s: float) -> str:
        """The next action of the operator, as text."""
        self._lapse(now_s)
        if self._mode is None:
            return TIDY if self.waiting else "start the arm node"
        if now_s - self._heard_s > SILENT_S:
            return "check the arm node: it is silent"
        running = f"; episode {self._episode} is still running" if self._episode is not None else ""
        if self._mode not in ENABLED:
            return self._standstill() + running
        if self.waiting:
            return TIDY
        if self._mode == ArmMode.RESET:
            return "keep clear: the arm is moving to its start"
        return self._episodes()

    def _episodes(self) -> str:
        if self._reset is not None or self._granted_s is not None:
            return "nothing: the episode starts"
        if self._episode is not None and self.settings.automatic:
            return f"nothing: episode {self._episode} is running"
        if self._episode is not None:
            return f"episode {self._episode} is running: label it success, failure or discard"
        if self.settings.automatic:
            return f"nothing: the reset failed and is repeated: {self._failed}" if self._failed else "nothing"
        if self._failed:
            return f"request it again when you are ready; the reset failed: {self._failed}"
        lost = f"; the last one was discarded: {self._discarded}" if self._discarded else ""
        return f"request the next episode when you are ready{lost}"

    def _standstill(self) -> str:
        why = f": {self._reason}" if self._reason else ""
        if self._mode == ArmMode.ESTOP:
            return "release the emergency stop, then recover and enable the arm"
        if self._mode == ArmMode.FAULT:
            return f"recover the arm{why}"
        if self._mode == ArmMode.DISCONNECTED:
            return f"connect the arm{why}"
        return f"enable the arm{why}"

    def _lapse(self, now_s: float) -> None:
        """Drop a reset or a grant that timed out."""
        if self._reset is not None and now_s - self._reset.asked_s > QUIET_S:
            self._reset = None
        if self._granted_s is not None and now_s - self._granted_s > QUIET_S:
            self._granted_s = None
