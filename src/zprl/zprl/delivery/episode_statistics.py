"""Which episodes ended and how, told from the transitions alone: as exact as the replay."""

from collections import deque
from dataclasses import dataclass

from zprl_core.id_bounds import LAST_EPISODE

RECENT = 50


@dataclass(frozen=True)
class EpisodeResult:
    """An episode that ended."""

    robot: str
    episode: int
    env_steps: int  # of the whole run by then
    outcome: str  # SUCCESS, FAILURE, TIMEOUT; ASSISTED: done, but a person moved the arm, so not by the policy
    steps: int  # control steps that are stored of it


class EpisodeStatistics:
    """Counts episodes while transitions are taken in."""

    def __init__(self) -> None:
        self.env_steps = 0
        self.episodes = self.successes = 0
        self.recent: deque[bool] = deque(maxlen=RECENT)
        self._next_episode: dict[str, int] = {}
        # Of each robot: episode, its steps so far, whether a person moved the arm
        self._running: dict[str, tuple[int, int, bool]] = {}

    def next_episode(self, robot: str) -> int:
        """The lowest number that no stored episode of this robot has."""
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
        """Take one transition in; `executed` are its control steps. Returns the episode, if that was its end."""
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
