"""When an episode begins and ends, and how it is called: a person's word, or a success detector and a clock. No ROS."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import SEEDS, Range, check_ranges
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.id_bounds import LAST_EPISODE
from zprl_core.seeds import TRAINING_SEEDS

EXPECTED_S = 5.0  # so long a person expects what was asked for; later the robot would move when nobody thinks of it
PAUSE_S = 1.0  # after a reset that failed: a robot in trouble is not hammered
STALL_S = 10.0  # silence of the robot after which an episode is given up
STRANGE_S = 1.0  # so long may states come that belong to no running episode: then the robot has begun anew
LATE = "the episode node stood still"


@dataclass(frozen=True)
class EpisodeSettings:
    """Field names are parameter names."""

    automatic: Annotated[bool, "true: reset and label without an operator"] = True
    robot: Annotated[str, "name of the robot whose episodes these are"] = "robot"
    seed: Annotated[int, "seed of the scenes; training and held-out scenes have seeds of their own", SEEDS] = 0
    time_limit_s: Annotated[
        float, "time limit of an episode [s]; 0: the simulator's, or none where an operator ends it", Range(0, 1e9)
    ] = 0.0
    max_update_debt: Annotated[
        int, "owed updates of the learner above which the next reset waits; 0: it never waits", Range(0, 2**31 - 1)
    ] = 200
    max_episodes: Annotated[int, "episodes after which the node ends; 0: it never does", Range(0, 2**31 - 1)] = 0
    wait_for_learner: Annotated[bool, "true: start no episode before a learner is heard, so that none is lost"] = False

    def __post_init__(self) -> None:
        check_ranges(self)


class EpisodeManager:
    """Turns what is heard into resets and news. Times are of one monotonic wall clock [s]."""

    def __init__(self, settings: EpisodeSettings):
        self.settings = settings
        self.episode = -1
        self.ended = 0
        self.debt: int | None = None  # updates that the learner owes; None until it has spoken
        self.policy_seen = False
        self.blocked = ""  # why the policy wants no episode
        self._numbered = not settings.wait_for_learner  # whether it is known which numbers are taken
        self.failure = ""  # why the last reset came to nothing; "" once another one goes ahead
        self._asked_s: float | None = None  # when a person asked for the reset that is not over yet
        self._unheard = LATE  # why the robot has not been asked
        self._not_before_s = float("-inf")
        self._start_ns: int | None = None  # None between episodes
        self._resetting = False
        self._newest_ns = -1
        self._steps = 0
        self._heard_s = 0.0
        self._strange_s: float | None = None  # since when states come that are not of this episode

    @property
    def running(self) -> bool:
        """Whether an episode runs."""
        return self._start_ns is not None

    @property
    def done(self) -> bool:
        """Whether all episodes that were asked for have been played."""
        return 0 < self.settings.max_episodes <= self.ended

    def waits_for(self) -> str:
        """Why no episode begins; "" when one may."""
        if not self.policy_seen:
            return "no policy has spoken yet"
        if self.blocked:
            return self.blocked
        if not self._numbered:
            return "no learner has spoken yet"
        if self.debt is None:
            return "no learner has spoken yet" if self.settings.wait_for_learner else ""
        limit = self.settings.max_update_debt
        if 0 < limit < self.debt:
            return f"the learner owes {self.debt} updates, allowed are {limit}"
        return ""

    def request_reset(self, now_s: float) -> str:
        """A person asks for the next episode. Returns why none can begin now, or "".

        Nothing is kept for later: an arm that moves once the learner has caught up moves when nobody expects it.
        """
        if self.running:
            return "an episode runs; label it first (episode/label)"
        if self.settings.automatic or self._resetting:
            return ""  # that one counts; it must not be taken for the episode after it
        waits = self.waits_for()
        if waits:
            return f"{waits}; ask again when that is over"
        self._asked_s, self._unheard, self.failure = now_s, LATE, ""
        return ""

    def wants_reset(self, now_s: float) -> int | None:
        """The seed of a reset to ask for now; None when it is not time."""
        if self.running or self._resetting or self.done or now_s < self._not_before_s:
            return None
        wanted = self.settings.automatic or self._expected(now_s)
        if not wanted or self.waits_for():
            return None
        self._resetting = True
        return self.settings.seed * TRAINING_SEEDS + self.episode + 1

    def on_next_episode(self, next_episode: int) -> None:
        """The learner knows this robot's episodes below `next_episode`: a node that comes back counts on."""
        self._numbered = True
        if not self.running and next_episode <= LAST_EPISODE:
            self.episode = max(self.episode, next_episode - 1)

    def reset_postponed(self, why: str) -> None:
        """Nobody could be asked. It is tried again; for a person only as long as one expects it."""
        self._resetting, self._unheard = False, why
        if self.settings.automatic:
            self.failure = why

    def reset_goes_on(self) -> None:
        """The robot says that the reset is under way."""
        self.failure = ""

    def reset_failed(self, why: str, now_s: float) -> None:
        """The robot refused it, or somebody ended it. Only without a person is it asked for again."""
        self._resetting, self._asked_s, self.failure = False, None, why
        self._not_before_s = now_s + PAUSE_S if self.settings.automatic else now_s

    def reset_done(self, stamp_ns: int, now_s: float) -> EpisodeEvent:
        """The scene is ready, and its first state has this stamp."""
        self._resetting, self._asked_s, self.failure = False, None, ""
        self.episode += 1
        self._start_ns, self._newest_ns, self._steps, self._heard_s = stamp_ns, stamp_ns, 0, now_s
        self._strange_s = None
        return EpisodeEvent(EpisodeEventKind.STARTED, stamp_ns, self.episode)

    def state(self, stamp_ns: int, success: bool, ended: bool, step: int, now_s: float) -> EpisodeEvent | None:
        """The detector's word about one state. Returns the end of the episode, if that is one."""
        start_ns = self._start_ns
        if self.running and (stamp_ns < self._newest_ns or step < self._steps):
            self._strange_s = now_s if self._strange_s is None else self._strange_s
            return None
        if stamp_ns > self._newest_ns:
            self._newest_ns, self._heard_s, self._steps = stamp_ns, now_s, step
            self._strange_s = None
        if start_ns is None or stamp_ns <= start_ns:
            return None
        automatic = self.settings.automatic  # otherwise a person says how it went, and only the clock may be first
        if success and automatic:
            return self._end(EpisodeEventKind.SUCCESS, stamp_ns)
        limit_ns = self.settings.time_limit_s * 1e9
        if (ended and automatic) or 0 < limit_ns <= stamp_ns - start_ns:
            return self._end(EpisodeEventKind.TIMEOUT, stamp_ns)
        return None

    def label(self, kind: EpisodeEventKind, source: str) -> EpisodeEvent | None:
        """A person ends the running episode; None when none runs."""
        return self._end(kind, self._newest_ns, source) if self.running else None

    def stalled(self, now_s: float) -> EpisodeEvent | None:
        """Give up an episode whose robot has fallen silent, or has begun anew by itself."""
        if not self.running or not self.settings.automatic:
            return None
        silent = now_s - self._heard_s > STALL_S
        strange = self._strange_s is not None and now_s - self._strange_s > STRANGE_S
        return self._end(EpisodeEventKind.DISCARDED, self._newest_ns) if silent or strange else None

    def _expected(self, now_s: float) -> bool:
        """Whether a person asked for a reset and still expects it."""
        if self._asked_s is not None and now_s - self._asked_s > EXPECTED_S:
            self.reset_failed(self.waits_for() or self._unheard, now_s)
        return self._asked_s is not None

    def _end(self, kind: EpisodeEventKind, stamp_ns: int, source: str = "automatic") -> EpisodeEvent:
        self._start_ns = None
        if kind != EpisodeEventKind.DISCARDED:
            self.ended += 1
        return EpisodeEvent(kind, stamp_ns, self.episode, float(kind == EpisodeEventKind.SUCCESS), self._steps, source)
