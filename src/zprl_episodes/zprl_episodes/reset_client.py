"""A reset from the first question to the answer that ends it. No ROS.

What was asked once cannot be taken back, and the robot cannot see how old a question is. So with a person there:

- One question at a time, and none after one that was not answered. The answer that got lost may have been that a
  person stopped the motion, or that the arm was not armed: the next question would begin a motion anew.
- An answer that comes too late counts for nothing: neither an episode nor another question follows from it.
- Whatever is not success, and not under way, is the end. The person asks again, and then expects the arm to move.

Only while nobody has been asked yet may it be tried again, as long as the person expects it (`EXPECTED_S`).
"""

from dataclasses import dataclass
from typing import Protocol

from zprl_core.episode_event import EpisodeEvent
from zprl_episodes.episode_manager import EXPECTED_S, LATE, EpisodeManager

ANSWER_S = 5.0  # within which the robot must answer
ASK_AGAIN_S = 0.2
NOBODY = "nobody offers the service reset; start the simulator or the arm node"
GONE = "nobody offers the service reset any more; look after the simulator or the arm node"
SILENT = f"the robot has not answered for {ANSWER_S:.0f} s; keep clear, it may still begin to move"


@dataclass(frozen=True)
class Answer:
    """Of the robot, as in Reset.srv."""

    success: bool
    message: str = ""
    pending: bool = False
    stamp_ns: int = 0


class Robot(Protocol):
    """Whoever offers the service reset. One call at a time."""

    def ready(self) -> bool:
        """Whether anybody offers it."""

    def call(self, seed: int) -> None:
        """Ask; `answer` tells what came of it."""

    def answer(self) -> Answer | None:
        """Of the last call; None while there is none."""

    def forget(self) -> None:
        """The last call: what is still answered is not heard."""


class ResetClient:
    """Asks for the reset that the director wants until it is over. Times are seconds of one monotonic clock."""

    def __init__(self, manager: EpisodeManager, robot: Robot):
        self.manager, self.robot = manager, robot
        self._seed: int | None = None  # of the reset that the robot was asked for; None: it was not
        self._called_s: float | None = None  # None: no answer is waited for
        self._again_s = 0.0  # when to ask again for a reset that is under way

    def step(self, now_s: float) -> EpisodeEvent | None:
        """Ask when it is time, and hear the answer. Returns the episode's begin, if that was it."""
        if self._called_s is not None:
            return self._on_answer(now_s - self._called_s > ANSWER_S, now_s)
        if self._seed is not None:
            self._go_on(self._seed, now_s)
            return None
        seed = self.manager.wants_reset(now_s)
        if seed is not None and self.robot.ready():
            self._call(seed, now_s)
        elif seed is not None:
            self.manager.reset_postponed(NOBODY)
        return None

    def _call(self, seed: int, now_s: float) -> None:
        self._seed, self._called_s = seed, now_s
        self.robot.call(seed)

    def _go_on(self, seed: int, now_s: float) -> None:
        """Ask again for a reset that is under way."""
        if now_s < self._again_s:
            return
        if not self.robot.ready():
            self._fail(GONE, now_s)
        elif now_s - self._again_s > EXPECTED_S:  # a process that was stopped, a node that was not active
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
            self.manager.reset_goes_on()
        else:
            self._fail(answer.message or "the robot did not say why", now_s)
        return None

    def _fail(self, why: str, now_s: float) -> None:
        self._seed = self._called_s = None
        self.manager.reset_failed(why, now_s)
