"""Runs a reset from the first service call to the final response. No ROS.

A call cannot be withdrawn, and the robot cannot see how old it is. So with an operator present:

- There is one call at a time, and none after an unanswered one. The lost response may have said that the operator
  stopped the motion, or that the arm was not enabled: another call would start the motion again.
- A late response is ignored: neither an episode nor another call follows from it.
- Any response other than success or pending is final. The operator requests the reset again, and then expects motion.

Only before the first call may a reset be retried, while the operator's request is valid (`EXPECTED_S`).
"""

from dataclasses import dataclass
from typing import Protocol

from zprl_core.episode_event import EpisodeEvent
from zprl_episodes.episode_manager import EXPECTED_S, LATE, EpisodeManager

ANSWER_S = 5.0  # within which the robot must answer
ASK_AGAIN_S = 0.2
UNAVAILABLE = "the service reset is not available; start the simulator or the arm node"
GONE = "the service reset is no longer available; check the simulator or the arm node"
SILENT = f"the robot has not answered for {ANSWER_S:.0f} s; keep clear, it may still start to move"


@dataclass(frozen=True)
class Answer:
    """The response of the robot, as in Reset.srv."""

    success: bool
    message: str = ""
    pending: bool = False
    stamp_ns: int = 0


class Robot(Protocol):
    """Client of the service reset, for one call at a time."""

    def ready(self) -> bool:
        """True if the service is available."""

    def call(self, seed: int) -> None:
        """Start a call; `answer` returns its response."""

    def answer(self) -> Answer | None:
        """The response to the last call; None until it arrives."""

    def forget(self) -> None:
        """Drop the last call and ignore its response."""


class ResetClient:
    """Calls the reset that the episode manager wants until it is over. Times are seconds of one monotonic clock."""

    def __init__(self, manager: EpisodeManager, robot: Robot):
        self.manager, self.robot = manager, robot
        self._seed: int | None = None  # of the running reset; None: no reset is running
        self._called_s: float | None = None  # None: no call is pending
        self._again_s = 0.0  # when to call again for a reset in progress

    def step(self, now_s: float) -> EpisodeEvent | None:
        """Call when a reset is due, and process the response. Returns the episode's start, if any."""
        if self._called_s is not None:
            return self._on_answer(now_s - self._called_s > ANSWER_S, now_s)
        if self._seed is not None:
            self._go_on(self._seed, now_s)
            return None
        seed = self.manager.wants_reset(now_s)
        if seed is not None and self.robot.ready():
            self._call(seed, now_s)
        elif seed is not None:
            self.manager.reset_postponed(UNAVAILABLE)
        return None

    def _call(self, seed: int, now_s: float) -> None:
        self._seed, self._called_s = seed, now_s
        self.robot.call(seed)

    def _go_on(self, seed: int, now_s: float) -> None:
        """Call again for a reset in progress."""
        if now_s < self._again_s:
            return
        if not self.robot.ready():
            self._fail(GONE, now_s)
        elif now_s - self._again_s > EXPECTED_S:  # the process was stopped, or the node not active
            self._fail(LATE, now_s)
        else:
            self._call(seed, now_s)

    def _on_answer(self, late: bool, now_s: float) -> EpisodeEvent | None:
        answer = self.robot.answer()
        if late and (answer is None or not self.manager.settings.automatic):
            self.robot.forget()
            self._fail(SILENT, now_s)
        elif answer is None:
            return None
        elif answer.success:
            self._seed = self._called_s = None
            return self.manager.reset_done(answer.stamp_ns, now_s)
        elif answer.pending:
            self._called_s, self._again_s = None, now_s + ASK_AGAIN_S
            self.manager.reset_continues()
        else:
            self._fail(answer.message or "the robot gave no reason", now_s)
        return None

    def _fail(self, why: str, now_s: float) -> None:
        self._seed = self._called_s = None
        self.manager.reset_failed(why, now_s)
