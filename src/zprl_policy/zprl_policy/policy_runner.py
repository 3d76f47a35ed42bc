"""Runs the policy: decides when it acts, and passes episode events and the arms' reports to it. No ROS."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zprl.rl.config import Mode
from zprl.rl.residual_policy import ResidualPolicy
from zprl_core import topic_names
from zprl_core.action import ArmTarget
from zprl_core.arm_mode import BROKEN, REMEDY, ArmMode
from zprl_core.episode_event import NO_EPISODE, EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Observation
from zprl_core.streams.stream_buffer import StreamBuffer, Unavailable
from zprl_policy.arm_reports import ArmReport, ArmReports

JUMP_NS = 500_000_000  # longest gap between two control steps
STUCK_NS = 5_000_000_000  # how long a lockstep robot may repeat an answered state
AHEAD_NS = 1_000_000_000  # how far the end of an episode may be stamped ahead of the newest state
HOLDS = "the policy is in mode hold; policy/set_mode ends this"
FOLLOWS = (ArmMode.STREAM, ArmMode.HOLD)  # in the other modes the arm ignores a policy


@dataclass(frozen=True)
class Answer:
    """The targets for the observation stamped `stamp_ns`, by arm name. The oldest sample of it is of `oldest_ns`."""

    stamp_ns: int
    targets: Mapping[str, ArmTarget]
    oldest_ns: int


class PolicyRunner:
    """Turns streams, events and arm reports into answers, within an episode and while the arm follows."""

    def __init__(self, policy: ResidualPolicy, streams: StreamBuffer, lockstep: bool = False):
        self.policy, self.streams = policy, streams
        # In lockstep the simulation waits for its first command in IDLE, without an operator to enable it.
        self._follows = (*FOLLOWS, ArmMode.IDLE) if lockstep else FOLLOWS
        self.spec = policy.base.config.action
        self._reports = ArmReports(self.spec)
        self._stopped_ns: int | None = None  # since when chunks are not executed; None if they are
        self.env_steps = 0
        self.held_ticks = 0
        self.hold_reason = ""
        self.refusal = ""  # why no episode starts, as far as the episode node says
        self.blocked = ""  # why no action may be taken that would have to be recorded
        self._started_ns: int | None = None  # None between episodes
        self._answered: deque[Observation] = deque(maxlen=4)  # the newest ones
        self._answered_ns = -1
        self._repeated = (-1, 0)  # answered state that a lockstep robot repeats, and arrival of its first repetition
        self._newest: Observation | None = None
        self._ending: EpisodeEvent | None = None
        self._lost = ""  # why the policy does not act until the next episode

    @property
    def newest(self) -> Observation | None:
        """The observation that was acted on last in this episode."""
        return self._newest

    @property
    def running(self) -> bool:
        """True while an episode runs."""
        return self._started_ns is not None and self._ending is None

    @property
    def waits(self) -> str:
        """The reason why no command is sent at present; "" if one was sent for the newest state."""
        if self._lost or self.running:
            return self._lost or self.hold_reason
        if self.policy.mode == Mode.HOLD:
            return HOLDS
        if self.blocked or self._ending:
            return self.blocked or "the episode waits for its final state"
        return f"{NO_EPISODE}: {self.refusal}" if self.refusal else NO_EPISODE

    @property
    def arm_stopped(self) -> str:
        """Returns why an arm has stopped in the running episode, until it is recovered; "" if none has."""
        broken = any(r.mode in BROKEN for r in self._reports.newest.values())
        return self._stopped() if self.running and broken else ""

    def on_event(self, event: EpisodeEvent) -> None:
        """Handles an event of the episode node, in order."""
        if event.kind == EpisodeEventKind.STARTED:
            self._ending, self._lost = None, ""
            self.policy.start(event.episode)
            self._started_ns, self._answered_ns, self._newest = event.stamp_ns, -1, None
            self._answered.clear()
            self._stopped_ns = None
        elif self._started_ns is not None:
            self._ending = event
            self.settle()

    def on_clock_set(self, why: str) -> None:
        """Gives up the running episode, because its stamps can no longer be compared with those of the robot."""
        if self._started_ns is None:
            return
        self.policy.abandon()
        self._reports.newest.clear()
        self._answered.clear()
        self._reports.forget_steps()
        self._started_ns = self._ending = self._stopped_ns = None
        self._lost = f"{why} in the episode: the policy waits for the next one"
        self.hold_reason = self._lost

    def settle(self, newest: Observation | None = None) -> None:
        """Finishes an ended episode once its final state, or the `newest` one after it, is available.

        It also waits for the arm's report about the last step, unless the arm has stopped.
        """
        event = self._ending
        if event is None:
            return
        ahead_ns = 0 if newest is None else event.stamp_ns - newest.stamp_ns
        if ahead_ns > AHEAD_NS:
            self._lost = (
                f"the end of episode {event.episode} is stamped {ahead_ns * 1e-9:.1f} s ahead of the robot's newest "
                f"state, so it was discarded: check the clocks with chronyc tracking"
            )
        if (
            ahead_ns > AHEAD_NS
            or event.kind == EpisodeEventKind.DISCARDED
            or (self._stopped_ns is not None and event.stamp_ns >= self._stopped_ns)
        ):
            self.policy.abandon()
        else:
            final = self.streams.at(event.stamp_ns) or self._passed(event.stamp_ns)
            if final is None and newest is not None and newest.stamp_ns >= event.stamp_ns:
                final = replace(newest, stamp_ns=event.stamp_ns)  # the streams have different stamps
            if final is None or (not self._stopped() and self.policy.waits(event.stamp_ns)):
                return
            terminated = event.kind in (EpisodeEventKind.SUCCESS, EpisodeEventKind.FAILURE)
            self.policy.finish(final, event.reward, terminated, not terminated)
        self._started_ns = self._ending = None

    def answer(self, stamp_ns: int) -> Answer | None:
        """Acts in lockstep: once on the state of exactly this stamp, when it is complete."""
        self.settle()
        if not self.running or stamp_ns <= self._answered_ns or stamp_ns < (self._started_ns or 0):
            return None
        observation = self.streams.at(stamp_ns)
        if observation is None:
            return None
        if stopped := self._stopped():
            self._hold(stopped)
            return None
        return self._act(observation)

    def on_repeat(self, stamp_ns: int, now_ns: int) -> None:
        """Notes in lockstep why there is no step, when the robot repeats a state. `now_ns` is of a steady clock."""
        if not self.running or stamp_ns < self._answered_ns:
            return
        if stamp_ns == self._answered_ns:
            why = self._stuck(stamp_ns, now_ns)
        else:
            why = self._early(stamp_ns, "the state") or self.streams.missing(stamp_ns)
        if why:
            self._hold(why)

    def tick(self, now_ns: int, max_age_ns: int | None = None) -> Answer | None:
        """Acts in real time, on the newest samples. A stale stream gives no command, and the tick counts as held."""
        if self._ending is not None:
            newest = self.streams.newest(now_ns, max_age_ns)
            self.settle(newest if isinstance(newest, Observation) else None)
        if self._lost:
            self._hold(self._lost)
        if not self.running:
            return None
        if stopped := self._stopped():
            self._hold(stopped)
            return None
        if waiting := self._reports.missing_topic():
            self._hold(f"no feedback about the last step yet ({waiting})")
            return None
        observation = self.streams.newest(now_ns, max_age_ns)
        if isinstance(observation, Unavailable):
            self._hold(observation.reason)
            return None
        if early := self._early(observation.stamp_ns, self.streams.oldest.topic):
            self._hold(early)
            return None
        return self._act(observation)

    def on_report(self, report: ArmReport) -> None:
        """Handles the report that an arm sends with each state."""
        self._reports.newest[report.arm] = report
        if report.mode in FOLLOWS:
            self._executed(report)
        elif self._started_ns is not None and self._stopped_ns is None and self._stopped():
            self._stopped_ns = report.stamp_ns
        self.settle()

    def _executed(self, report: ArmReport) -> None:
        """Records what was executed in the previous control step, once every arm has reported it."""
        if self._reports.released(report):
            self.policy.replan()
        step = next((o for o in reversed(self._answered) if o.stamp_ns < report.stamp_ns), None)
        executed = None if step is None else self._reports.about(step, report, self._answered)
        if step is not None and executed is not None:
            self.policy.on_executed(step.stamp_ns, executed)

    def _stopped(self) -> str:
        """Returns why an arm ignores the policy, by its newest report since the start of the episode; "" if none does.

        An earlier report concerns the reset, or a simulation that waits for its first command.
        """
        for report in self._reports.newest.values():
            if report.mode not in self._follows and report.stamp_ns > (self._started_ns or 0):
                name = f"arm {report.arm}" if report.arm else "the arm"
                return f"{name} is in {report.mode.name}: {report.reason or REMEDY[report.mode]}"
        return ""

    def _stuck(self, stamp_ns: int, now_ns: int) -> str:
        """Returns why a robot that was answered makes no step; "" until it has repeated its state for long."""
        if self._repeated[0] != stamp_ns:
            self._repeated = stamp_ns, now_ns
        repeated_ns = now_ns - self._repeated[1]
        if repeated_ns < STUCK_NS:
            return ""
        topics = ", ".join(arm.topic(topic_names.ARM_COMMAND) for arm in self.spec.arms)
        return (
            f"the robot has repeated an answered state for {repeated_ns * 1e-9:.0f} s: its node does not receive "
            f"{topics} (ros2 topic info --verbose), or waits for a reset; see its log"
        )

    def _early(self, stamp_ns: int, name: str) -> str:
        """Returns why a state is not of this episode; "" if it is."""
        early_s = ((self._started_ns or 0) - stamp_ns) * 1e-9
        if early_s <= 0.0:
            return ""
        return (
            f"{name} is stamped {early_s:.2f} s before the start of the episode: if this lasts, the clocks of two "
            f"computers disagree (chronyc tracking)"
        )

    def _act(self, observation: Observation) -> Answer | None:
        bad = self.streams.spec.fault(observation)
        waiting = HOLDS if self.policy.mode == Mode.HOLD else self.blocked
        if bad or waiting:
            self._hold(bad or waiting)
            return None
        jumped = self._newest is not None and not 0 <= observation.stamp_ns - self._newest.stamp_ns <= JUMP_NS
        if jumped or self._stopped_ns is not None:
            self.policy.abandon()  # the robot paused, stopped or restarted: no chunk spans that
            self._stopped_ns = None
            self._answered.clear()  # the next report is not about them
            self._reports.forget_steps()
        action: npt.NDArray[np.float32] = self.policy.act(observation)
        try:
            targets = self.spec.targets(action, observation)
        except ValueError as error:  # not finite, or not a valid rotation
            self.policy.abandon()
            self._hold(str(error))
            return None
        self._answered_ns, self._newest = observation.stamp_ns, observation
        self._answered.append(observation)
        self._reports.on_answer()
        self.env_steps += 1
        self.hold_reason = ""
        return Answer(observation.stamp_ns, targets, min(observation.stamps.values(), default=observation.stamp_ns))

    def _passed(self, stamp_ns: int) -> Observation | None:
        """Returns the newest answered state if it is late enough to be the final one; in real time, stamps differ."""
        newest = self._newest
        return newest if newest is not None and newest.stamp_ns >= stamp_ns else None

    def _hold(self, reason: str) -> None:
        self.held_ticks += 1
        self.hold_reason = reason
