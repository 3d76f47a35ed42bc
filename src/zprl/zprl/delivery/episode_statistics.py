"""Derives ended episodes and their outcomes from transitions alone, as exactly as the replay."""

from collections import deque
from dataclasses import dataclass

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
    """Counts episodes from a stream of transitions."""

    def __init__(self) -> None:
        self.env_steps = 0
        self.episodes = self.successes = 0
        self.recent: deque[bool] = deque(maxlen=RECENT)
        self._next_episode: dict[str, int] = {}
        # By robot: episode, its steps so far, whether a human moved the arm
        self._running: dict[str, tuple[int, int, bool]] = {}

    def next_episode(self, robot: str) -> int:
        """The lowest unused episode number of this robot."""
        return self._next_episode.get(robot, 0)

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
        return EpisodeResult(robot, episode, self.env_steps, outcome, steps)
