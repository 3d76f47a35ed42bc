"""Starts and ends episodes, by a success detector and a time limit, or as the operator requests. No ROS."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import SEEDS, Range, check_ranges
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.id_bounds import LAST_EPISODE
from zprl_core.seeds import held_out_reset, training_reset
from zprl_core.streams.clock_jump import ClockJump, said

EXPECTED_S = 5.0  # a request is valid this long; later the robot would move unexpectedly
PAUSE_S = 1.0  # wait after a failed reset before the next one
STALL_S = 10.0  # silence of the robot after which an episode is discarded
POLICY_S = 5.0  # silence of the policy, which reports twice a second, after which no episode starts
UNHEARD_S = 1.0  # after a start, by then the recorder has heard of it: later reports are believed though one was lost
LEARNER_S = 5.0  # silence of the learner, which reports twice a second, after which its last debt counts no more
RECORDER_S = 0.3  # silence of the recorder, which reports ten times a second, after which no episode starts
STRANGE_S = 1.0  # tolerated duration of states from no running episode; then the robot was restarted
CLOCK_SET = (
    "the clock of the robot's states was {} in the episode, so its duration is unknown; check what sets the clock "
    "(chronyc tracking)"
)
RESTARTED = (
    "the robot's states are older than the episode, or count their steps anew: the robot was restarted, or the clocks "
    "of two computers disagree (chronyc tracking)"
)
SILENT = "no state of the robot for {:.0f} s; check the node that publishes success"
LATE = "the episode node was stalled"
RECORDING = "the recorder is not ready yet; see the log of node recorder"


@dataclass(frozen=True)
class EpisodeSettings:
    """Field names are parameter names."""

    automatic: Annotated[bool, "true: reset and label without an operator"] = True
    robot: Annotated[str, "name of the robot whose episodes these are"] = "robot"
    seed: Annotated[int, "seed of the resets; no two seeds share one", SEEDS] = 0
    held_out: Annotated[bool, "true: resets that training never uses, as for an evaluation"] = False
    time_limit_s: Annotated[
        float, "time limit of an episode [s]; 0: the simulator's, or none where an operator ends it", Range(0, 1e9)
    ] = 0.0
    max_update_debt: Annotated[
        int, "owed updates of the learner above which the next reset waits; 0: it never waits", Range(0, 2**31 - 1)
    ] = 200
    max_episodes: Annotated[int, "episodes after which the node ends; 0: it never does", Range(0, 2**31 - 1)] = 0
    first_episode: Annotated[
        int, "number of the first episode, where no learner knows it; resets follow the number", Range(0, LAST_EPISODE)
    ] = 0
    episodes_per_reset: Annotated[
        int, "episodes in a row that begin with the same reset, for policies that are compared", Range(1, 1000)
    ] = 1
    has_policy: Annotated[
        bool, "true: start no episode before a policy is heard; false: a human moves the arm, and no policy runs"
    ] = True
    wait_for_learner: Annotated[bool, "true: start no episode before a learner is heard, so that none is lost"] = False
    wait_for_recorder: Annotated[
        bool, "true: start no episode before the recorder is ready, so that no bag lacks its beginning"
    ] = False

    def __post_init__(self) -> None:
        check_ranges(self)


class EpisodeManager:
    """Turns states, statuses and requests into resets and episode events. Times are of one monotonic wall clock [s]."""

    def __init__(self, settings: EpisodeSettings):
        self.settings = settings
        self.episode = settings.first_episode - 1
        self.ended = 0
        self._debt: int | None = None  # updates that the learner owes; None before its first status
        self._learner_s = float("-inf")  # time of the last learner status
        # why the policy cannot start an episode
        self.blocked = "no policy status received yet" if settings.has_policy else ""
        self._policy_active = True  # as far as the last policy status says
        self._policy_s = float("inf")  # time of the last policy status
        self._recorder_ready = not settings.wait_for_recorder
        self._recorder_said: bool | None = None
        self._recorder_s = float("-inf")  # time of the recorder's last report
        self._began_s = float("-inf")  # time at which the last episode started
        self._numbered = not settings.wait_for_learner  # whether the used episode numbers are known
        self.failure = ""  # why the last reset failed; "" once another one proceeds
        self._asked_s: float | None = None  # time of the operator's pending request
        self._unheard = LATE  # why the robot has not been called
        self._not_before_s = float("-inf")
        self._start_ns: int | None = None  # None between episodes
        self._resetting = False
        self._newest_ns = -1
        self._steps = 0
        self._heard_s = 0.0
        self._strange_s: float | None = None  # since when states arrive that are not of this episode
        self._clock = ClockJump()  # of the states' stamps

    @property
    def running(self) -> bool:
        """True while an episode is running."""
        return self._start_ns is not None

    @property
    def done(self) -> bool:
        """True when all requested episodes have been played."""
        return 0 < self.settings.max_episodes <= self.ended

    def on_policy(self, blocked: str, active: bool, now_s: float) -> None:
        """Process a policy status: why the policy cannot start an episode, and whether its node is active."""
        self.blocked, self._policy_active, self._policy_s = blocked, active, now_s
        if not active and not blocked:
            self.blocked = "the policy node is not active; activate it"

    def on_learner(self, debt: int, now_s: float) -> None:
        """Process a learner status: the number of updates that it owes."""
        self._debt, self._learner_s = debt, now_s

    def on_recorder(self, ready: bool, now_s: float) -> None:
        """Process the recorder's report. Soon after a start, one that repeats itself is of before it was heard."""
        self._recorder_s = now_s
        if ready != self._recorder_said or now_s - self._began_s > UNHEARD_S:
            self._recorder_said = self._recorder_ready = ready

    def waits_for(self, now_s: float) -> str:
        """The reason why no episode can start; "" if one can."""
        if self.blocked:
            return self.blocked
        if self.settings.has_policy and now_s - self._policy_s > POLICY_S:
            return f"no policy status for {now_s - self._policy_s:.0f} s; start the policy node"
        silent_s = now_s - self._recorder_s if self.settings.wait_for_recorder else 0.0
        if not self._recorder_ready or silent_s > RECORDER_S:
            return RECORDING
        if not self._numbered:
            return "no learner status received yet"
        if self._debt is None:
            return "no learner status received yet" if self.settings.wait_for_learner else ""
        limit = self.settings.max_update_debt
        if 0 < limit < self._debt and now_s - self._learner_s <= LEARNER_S:
            return f"the learner owes {self._debt} updates, allowed are {limit}"
        return ""

    def request_reset(self, now_s: float) -> str:
        """Handle the operator's request for the next episode. Returns why none can start now, or "".

        A refused request is not kept: otherwise the arm would move unexpectedly once the learner has caught up. The
        recorder needs a moment only, to finish the bag of the last episode.
        """
        if self.running:
            return "an episode is running; label it first (episode/label)"
        if self.settings.automatic or self._resetting:
            return ""  # the running reset serves this request too
        waits = self.waits_for(now_s)
        if waits and waits != RECORDING:
            return f"{waits}; request it again when that is over"
        self._asked_s, self._unheard, self.failure = now_s, LATE, ""
        return ""

    def wants_reset(self, now_s: float) -> int | None:
        """The seed of the reset to request now; None if none is due."""
        if self.running or self._resetting or self.done or now_s < self._not_before_s:
            return None
        wanted = self.settings.automatic or self._expected(now_s)
        if not wanted or self.waits_for(now_s):
            return None
        self._resetting = True
        reset = held_out_reset if self.settings.held_out else training_reset
        return reset(self.settings.seed, (self.episode + 1) // self.settings.episodes_per_reset)

    def on_next_episode(self, next_episode: int) -> None:
        """Continue the numbering: the learner knows this robot's episodes below `next_episode`."""
        self._numbered = True
        if not self.running and next_episode <= LAST_EPISODE:
            self.episode = max(self.episode, next_episode - 1)

    def reset_postponed(self, why: str) -> None:
        """The reset service is unavailable. The reset is retried; for an operator only while the request is valid."""
        self._resetting, self._unheard = False, why
        if self.settings.automatic:
            self.failure = why

    def reset_continues(self) -> None:
        """The robot reports that the reset is in progress."""
        self.failure = ""

    def reset_failed(self, why: str, now_s: float) -> None:
        """The reset was refused or stopped. It is repeated only if episodes are automatic."""
        self._resetting, self._asked_s, self.failure = False, None, why
        self._not_before_s = now_s + PAUSE_S if self.settings.automatic else now_s

    def reset_done(self, stamp_ns: int, now_s: float) -> EpisodeEvent:
        """Start the episode: the scene is ready, and its first state has this stamp."""
        self._resetting, self._asked_s, self.failure = False, None, ""
        self._recorder_ready = not self.settings.wait_for_recorder  # it reports when it has finished this episode
        self._began_s = now_s
        self.episode += 1
        self._start_ns, self._newest_ns, self._steps, self._heard_s = stamp_ns, stamp_ns, 0, now_s
        self._strange_s = None
        self._clock.clear()
        self._clock.update(stamp_ns, round(now_s * 1e9))
        return EpisodeEvent(EpisodeEventKind.STARTED, stamp_ns, self.episode)

    def state(self, stamp_ns: int, success: bool, ended: bool, step: int, now_s: float) -> EpisodeEvent | None:
        """Process the success detection of one state. Returns the end of the episode if this state ends it."""
        start_ns = self._start_ns
        if start_ns is not None and max(stamp_ns, self._newest_ns) > start_ns:  # not a late state of before the reset
            jump_s = self._clock.update(stamp_ns, round(now_s * 1e9))
            if jump_s and step >= self._steps:  # at a restart, the steps begin anew
                return self._end(EpisodeEventKind.DISCARDED, self._newest_ns, reason=CLOCK_SET.format(said(jump_s)))
        if self.running and (stamp_ns < self._newest_ns or step < self._steps):
            self._strange_s = now_s if self._strange_s is None else self._strange_s
            return None
        if stamp_ns > self._newest_ns:
            self._newest_ns, self._heard_s, self._steps = stamp_ns, now_s, step
            self._strange_s = None
        if start_ns is None or stamp_ns <= start_ns:
            return None
        automatic = self.settings.automatic  # otherwise the operator labels it, and only the time limit acts
        if success and automatic:
            return self._end(EpisodeEventKind.SUCCESS, stamp_ns)
        limit_ns = self.settings.time_limit_s * 1e9
        if (ended and automatic) or 0 < limit_ns <= stamp_ns - start_ns:
            return self._end(EpisodeEventKind.TIMEOUT, stamp_ns)
        return None

    def label(self, kind: EpisodeEventKind, source: str) -> EpisodeEvent | None:
        """End the running episode with the operator's label; None if no episode is running."""
        return self._end(kind, self._newest_ns, source) if self.running else None

    def on_arm_stopped(self, why: str) -> EpisodeEvent | None:
        """Discard the running episode because an arm stopped; None if no episode is running."""
        return self._end(EpisodeEventKind.DISCARDED, self._newest_ns, reason=why) if self.running else None

    def stalled(self, now_s: float) -> EpisodeEvent | None:
        """Discard an episode whose robot was restarted, or, without an operator, has no robot or policy any more."""
        if not self.running:
            return None
        if self._strange_s is not None and now_s - self._strange_s > STRANGE_S:
            return self.discard(RESTARTED)
        if self.settings.automatic and now_s - self._heard_s > STALL_S:
            return self.discard(SILENT.format(STALL_S))
        if self.settings.automatic and not self._policy_active:
            return self.discard(self.blocked)
        return None

    def discard(self, reason: str) -> EpisodeEvent | None:
        """End the running episode without a result; None if no episode is running."""
        return self._end(EpisodeEventKind.DISCARDED, self._newest_ns, reason=reason) if self.running else None

    def _expected(self, now_s: float) -> bool:
        """True while the operator's request for a reset is valid."""
        if self._asked_s is not None and now_s - self._asked_s > EXPECTED_S:
            self.reset_failed(self.waits_for(now_s) or self._unheard, now_s)
        return self._asked_s is not None

    def _end(self, kind: EpisodeEventKind, stamp_ns: int, source: str = "automatic", reason: str = "") -> EpisodeEvent:
        self._start_ns = None
        if kind != EpisodeEventKind.DISCARDED:
            self.ended += 1
        reward = float(kind == EpisodeEventKind.SUCCESS)
        return EpisodeEvent(kind, stamp_ns, self.episode, reward, self._steps, source, reason)
