"""Derives ended episodes and their outcomes from transitions alone, as exactly as the replay."""

from collections import deque
from dataclasses import dataclass

from zprl.delivery.reliability_test import ReliabilityTest
from zprl_core.id_bounds import LAST_EPISODE

RECENT = 50


@dataclass(frozen=True)
class EpisodeResult:
    """The result of an ended episode."""

    robot: str
    episode: int
    env_steps: int  # of the run at its end
    outcome: str  # SUCCESS, FAILURE, TIMEOUT; ASSISTED: a success during which a human moved the arm
    steps: int  # its stored control steps


class EpisodeStatistics:
    """Counts episodes from a stream of transitions, and tests whether they succeed."""

    def __init__(self, until: float = 0.0) -> None:
        """`until`: success rate that is tested; 0: none."""
        self.env_steps = 0
        self.episodes = self.successes = 0
        self.recent: deque[bool] = deque(maxlen=RECENT)
        self.reliability = ReliabilityTest(until) if until else None
        self._next_episode: dict[str, int] = {}
        # By robot: episode, its steps so far, whether a human moved the arm
        self._running: dict[str, tuple[int, int, bool]] = {}

    def next_episode(self, robot: str) -> int:
        """The lowest unused episode number of this robot."""
        return self._next_episode.get(robot, 0)

    @property
    def reliable(self) -> bool:
        """True once the episodes have shown the success rate that is tested."""
        return self.reliability is not None and self.reliability.passed

    @property
    def successes_needed(self) -> int:
        """Number of successes in a row that would show it; 0 if they have, or if nothing is tested."""
        return 0 if self.reliability is None else self.reliability.missing

    def step(
        self,
        robot: str,
        episode: int,
        executed: int,
        reward: float,
        terminated: bool,
        truncated: bool,
        intervention: bool = False,
    ) -> EpisodeResult | None:
        """Add a transition with `executed` control steps. Returns the episode if this was its end."""
        running, steps, helped = self._running.get(robot, (episode, 0, False))
        if running != episode:
            steps, helped = 0, False
        steps, helped = steps + executed, helped or intervention
        self._running[robot] = episode, steps, helped
        if episode <= LAST_EPISODE:
            self._next_episode[robot] = max(self.next_episode(robot), episode + 1)
        self.env_steps += executed
        if not (terminated or truncated):
            return None
        done = terminated and reward > 0
        success = done and not helped
        outcome = "SUCCESS" if success else "ASSISTED" if done else "FAILURE" if terminated else "TIMEOUT"
        self.episodes += 1
        self.successes += success
        self.recent.append(success)
        if self.reliability is not None:
            self.reliability.add(success)
        return EpisodeResult(robot, episode, self.env_steps, outcome, steps)
