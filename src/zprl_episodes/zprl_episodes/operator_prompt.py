"""What the person at a real robot shall do now, and the reset that waits for a person. No ROS.

The arm asks for its scene about every 0.2 s until somebody says that it is in order. Times are seconds of one
monotonic clock.
"""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.arm_mode import ENABLED, ArmMode
from zprl_core.episode_event import EpisodeEventKind

QUIET_S = 2.0  # a reset that nobody asks for again for so long was given up
SILENT_S = 1.0  # the arm tells its mode 20 times a second
TIDY = "put the scene in order, then confirm"


@dataclass(frozen=True)
class OperatorSettings:
    """Field names are parameter names."""

    robot: Annotated[str, "name of the robot whose episodes these are"] = "robot"
    automatic: Annotated[bool, "true: episodes start and end by themselves, the operator only arranges the scene"] = (
        False
    )


@dataclass(frozen=True)
class Answer:
    """To who asked."""

    success: bool
    message: str
    pending: bool = False  # ask again


@dataclass
class _Reset:
    seed: int
    asked_s: float
    confirmed: bool = False


class OperatorPrompt:
    """Follows arm, episode and reset; knows what the person shall do."""

    def __init__(self, settings: OperatorSettings):
        self.settings = settings
        self._mode: ArmMode | None = None  # None: nothing heard of the arm yet
        self._reason = ""
        self._heard_s = 0.0
        self._episode: int | None = None  # None: none runs
        self._reset: _Reset | None = None  # None: none waits for the person
        self._granted_s: float | None = None  # when the last one was granted, until its episode begins
        self._failed = ""  # why the last one came to nothing, until another begins

    def on_arm(self, mode: ArmMode, reason: str, now_s: float) -> None:
        """The arm's status. An arm that is stopped gives up its reset, and what was confirmed for it."""
        self._mode, self._reason, self._heard_s = mode, reason, now_s
        if mode not in ENABLED:
            self._reset = self._granted_s = None

    def on_event(self, robot: str, kind: EpisodeEventKind, episode: int) -> None:
        """An episode began or ended."""
        if robot == self.settings.robot:
            self._episode = episode if kind == EpisodeEventKind.STARTED else None
            self._granted_s, self._failed = None, ""

    def on_refusal(self, why: str) -> None:
        """A reset came to nothing, and what was confirmed for it; "": another one goes ahead."""
        self._failed = why
        if why:
            self._reset = self._granted_s = None

    def on_reset_request(self, seed: int, now_s: float) -> Answer:
        """The arm asks whether the scene is in order. Whatever was confirmed for another reset does not count."""
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
        """The person has put the scene in order. Counts only for a reset that waits for it."""
        self._lapse(now_s)
        if self._reset is None:
            return Answer(False, "no reset waits for you; confirm when it is asked for")
        again, self._reset.confirmed = self._reset.confirmed, True
        return Answer(True, "it was confirmed already" if again else "confirmed; the episode begins")

    @property
    def waiting(self) -> bool:
        """Whether a reset waits for the person."""
        return self._reset is not None and not self._reset.confirmed

    def prompt(self, now_s: float) -> str:
        """What the person shall do now."""
        self._lapse(now_s)
        if self._mode is None:
            return TIDY if self.waiting else "start the arm node"
        if now_s - self._heard_s > SILENT_S:
            return "look after the arm node: it is silent"
        running = f"; episode {self._episode} still runs" if self._episode is not None else ""
        if self._mode not in ENABLED:
            return self._standstill() + running
        if self.waiting:
            return TIDY
        if self._mode == ArmMode.RESET:
            return "keep clear: the arm moves to its start"
        return self._episodes()

    def _episodes(self) -> str:
        if self._reset is not None or self._granted_s is not None:
            return "nothing: the episode begins"
        if self._episode is not None and self.settings.automatic:
            return f"nothing: episode {self._episode} runs"
        if self._episode is not None:
            return f"episode {self._episode} runs: label it success, failure or discard"
        if self.settings.automatic:
            return f"nothing: the reset failed, and is asked for again: {self._failed}" if self._failed else "nothing"
        if self._failed:
            return f"ask again when you are ready; the reset failed: {self._failed}"
        return "ask for the next episode when you are ready"

    def _standstill(self) -> str:
        why = f": {self._reason}" if self._reason else ""
        if self._mode == ArmMode.ESTOP:
            return "release the emergency stop, then recover and arm the arm"
        if self._mode == ArmMode.FAULT:
            return f"recover the arm{why}"
        if self._mode == ArmMode.DISCONNECTED:
            return f"connect the arm{why}"
        return f"arm the arm{why}"

    def _lapse(self, now_s: float) -> None:
        """Forget what is over without anybody having said so."""
        if self._reset is not None and now_s - self._reset.asked_s > QUIET_S:
            self._reset = None
        if self._granted_s is not None and now_s - self._granted_s > QUIET_S:
            self._granted_s = None
