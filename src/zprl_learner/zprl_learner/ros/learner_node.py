"""The learner node stores transitions, acknowledges them, and publishes actor weights.

It never waits for the robot, nor the robot for it. A thread spins and fills an inbox; the main thread stores the
inbox, acknowledges it, and updates within the budget.
"""

import threading
import time
from collections import deque
from functools import partial

import torch
from std_srvs.srv import Trigger

from zprl.delivery.sequence_tracker import Source
from zprl_core.host.scheduling import go_last
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import weights_message
from zprl_core.ros.managed_node import WorkingNode, run_threaded
from zprl_core.waiting import Waiting
from zprl_learner.ack_pacer import AckPacer
from zprl_learner.settings import LearnerSettings
from zprl_learner.training_session import TrainingSession, Weights
from zprl_msgs.msg import JournalStatus, LearnerStatus, ReplayAck

LONGEST = 1 << 20  # largest transition [bytes]
MOST = 20_000  # capacity of the inbox; messages beyond it are sent again
STORE_S = 0.05  # shortest time between two syncs of the disk
IDLE_S = 0.005  # sleep of the main thread when nothing is due
STATUS_S, ROW_S = 0.5, 2.0
LOST = (
    "{} transitions that robots have delivered are not in this record: it is an older copy, or another folder; stop, "
    "and start the learner with the newest one, or go on without them"
)
UNHEARD_S = 5.0  # silence of the policies, which report twice a second
ASLEEP = "the learner node is not active, so the robots keep their transitions; activate it"


class LearnerNode(WorkingNode):
    """Callbacks only append to the inbox."""

    def __init__(self) -> None:
        super().__init__("learner")
        parameters.declare(self, LearnerSettings())
        self._session: TrainingSession | None = None
        self._lowered = False  # the priority of this process
        self._inbox: deque[bytes] = deque()
        self._journals: deque[JournalStatus] = deque(maxlen=1000)
        self._dropped = 0
        self._waiting, self._heard_s = Waiting(), float("nan")  # time of the last status of a policy of this run

    def configure(self) -> None:
        torch.set_num_threads(1)
        settings = parameters.read(self, LearnerSettings, LearnerSettings())
        if not self._lowered:  # go_last adds, and a node may be configured again
            go_last(settings.nice)
            self._lowered = True
        session = self._session = TrainingSession(settings)
        if session.slow:
            self.get_logger().warning(session.slow)
        self._weights = topics.ACTOR_WEIGHTS.publisher(self)
        self._status = topics.LEARNER_STATUS.publisher(self)
        self._acks = topics.REPLAY_ACK.publisher(self)
        # Raw: sizes are checked before anything is allocated.
        topics.REPLAY.subscribe(self, self._on_transition, raw=True)
        topics.REPLAY_JOURNAL.subscribe(self, self._on_journal)
        services.LEARNER_PAUSE.serve(self, partial(self._on_pause, True))
        services.LEARNER_RESUME.serve(self, partial(self._on_pause, False))
        self._status_due = self._row_due = self._store_due = 0.0
        self._pacer = AckPacer()
        if session.durable_learner.missing:
            self.get_logger().error(
                f"the record lost {session.durable_learner.missing} transitions that the checkpoint had learned from"
            )
        self._publish(session.weights())

    def work(self, stop: threading.Event) -> None:
        """Run the main thread's loop."""
        while not stop.is_set():
            with self.turn:
                busy = self.active and self._session is not None and self._turn(self._session)
            if not busy:
                time.sleep(IDLE_S)

    def idle(self) -> None:
        """Store what has arrived, and report that the learner works no more."""
        if self._session is not None:
            self._store(self._session)
            self._report(self._session)

    def close(self) -> None:
        """Store the inbox, write a checkpoint, and let go of the record."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            self._store(session)
        finally:
            session.close()
            self._inbox.clear()
            self._journals.clear()

    def _on_transition(self, data: bytes) -> None:
        if len(data) > LONGEST or len(self._inbox) >= MOST:
            self._dropped += 1
        else:
            self._inbox.append(data)

    def _on_journal(self, status: JournalStatus) -> None:
        self._journals.append(status)

    def _on_pause(self, paused: bool, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._session is None:
            response.message = "the learner is not configured yet"
            return response
        self._session.paused = paused
        response.success = True
        response.message = "no updates until learner/resume; transitions are stored" if paused else "updates continue"
        return response

    def _turn(self, session: TrainingSession) -> bool:
        """Store, update once, report when due. Returns true if an update was done."""
        now = time.monotonic()
        if now > self._store_due:
            self._store_due = now + STORE_S
            self._store(session)
        due = session.due
        weights = session.update() if due else None
        if weights is not None:
            self._publish(weights)
        if now > self._row_due:
            self._row_due = now + ROW_S
            session.row()
            session.save_if_due()
        if now > self._status_due:
            self._status_due = now + STATUS_S
            self._report(session)
            self._log_wait(session)
        return due

    def _store(self, session: TrainingSession) -> None:
        """Store the inbox on disk, then acknowledge it."""
        sources = self._introduced(session)
        messages = [self._inbox.popleft() for _ in range(len(self._inbox))]
        before, gaps = session.durable_learner.refused.bad, set[Source]()
        if messages:
            intake = session.take(messages)
            sources |= intake.sources
            gaps = intake.gaps
        for source in self._pacer.due(sources, gaps, time.monotonic()):
            self._acknowledge(session, source, source in gaps)
        if session.durable_learner.refused.bad > before:
            self.get_logger().error(session.durable_learner.refused.reason, throttle_duration_sec=5.0)

    def _introduced(self, session: TrainingSession) -> set[Source]:
        sources = set()
        while self._journals:
            status = self._journals.popleft()
            if status.run == session.settings.run:
                self._heard_s = time.monotonic()
            if reason := session.journal_mismatch(status.run, status.robot, status.base):
                session.durable_learner.refuse(reason)
                continue
            source = Source(status.robot, status.journal)
            try:
                session.durable_learner.introduce(source, status.first)
                session.durable_learner.on_version(status.weights_number)
                sources.add(source)
            except ValueError as error:
                session.durable_learner.refuse(str(error))
        return sources

    def _acknowledge(self, session: TrainingSession, source: Source, gap: bool) -> None:
        durable = session.durable_learner
        message = ReplayAck(
            run=session.settings.run,
            robot=source.robot,
            journal=source.journal,
            next=durable.sequences.next(source),
            gap=gap,
            next_episode=durable.statistics.next_episode(source.robot),
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._acks.publish(message)

    def _publish(self, weights: Weights) -> None:
        session = self._session
        assert session is not None
        message = weights_message(
            weights.data,
            session.settings.run,
            weights.actor_version,
            weights.updates,
            weights.env_steps,
            session.fingerprint,
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._weights.publish(message)

    def _log_wait(self, session: TrainingSession) -> None:
        """Log that no policy of this run is heard."""
        what = f"a policy of run {session.settings.run}" if self._unheard else ""
        look_at = "start one with this run's name, and compare ROS_DOMAIN_ID and ROS_AUTOMATIC_DISCOVERY_RANGE"
        if words := self._waiting.message(what, look_at, time.monotonic()):
            self.get_logger().info(words)

    def _trouble(self, session: TrainingSession) -> str:
        """The reasons why something is lost; "" if nothing is."""
        lost = session.durable_learner.lost
        return "; ".join(filter(None, (session.trouble, LOST.format(lost) if lost else "")))

    @property
    def _unheard(self) -> str:
        """The reason why no transitions come; "" while policies are heard."""
        silent_s = time.monotonic() - self._heard_s
        if silent_s <= UNHEARD_S:
            return ""
        return "no policy of this run is heard" + (f" for {silent_s:.0f} s" if silent_s > 0 else " yet")

    def _report(self, session: TrainingSession) -> None:
        learner, metrics, durable = session.learner, session.learner.metrics, session.durable_learner
        statistics, refused = durable.statistics, durable.refused
        nan = float("nan")
        names = ("critic_loss", "actor_loss", "q_mean", "temperature", "rms_u", "rms_z")
        status = LearnerStatus(
            run=session.settings.run,
            warming_up=learner.warming_up,
            transitions=learner.replay.added,
            env_steps=learner.env_steps,
            episodes=statistics.episodes,
            successes=statistics.successes,
            updates=learner.sac.updates,
            weights_number=durable.actor_version,
            # a learner that does no updates must not block resets
            update_debt=0 if session.paused or not self.active else learner.due,
            updates_per_s=session.speed.updates_per_s,
            env_steps_per_s=session.speed.steps_per_s,
            success_rate=sum(statistics.recent) / len(statistics.recent) if statistics.recent else nan,
            until=session.settings.until,
            reliable=statistics.reliable,
            successes_needed=statistics.successes_needed,
            paused=session.paused,
            duplicates=refused.duplicates,
            early=refused.early,
            rejected=refused.bad,
            last_rejection=refused.reason,
            trouble=self._trouble(session) or ("" if self.active else ASLEEP),
            **{name: float(metrics.get(name, nan)) for name in names},
        )
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)

    def health(self) -> tuple[str, dict[str, object]]:
        session = self._session
        if session is None:
            return "not configured", {}
        refused = session.durable_learner.refused
        return self._trouble(session) or self._unheard, {
            "transitions": session.learner.replay.added,
            "journals": len(session.durable_learner.sequences.sources),
            "updates": session.learner.sac.updates,
            "updates owed": session.learner.due,
            "updates per second": f"{session.speed.updates_per_s:.1f}",
            "paused": session.paused,
            "weights": session.durable_learner.actor_version,
            "duplicates dropped": refused.duplicates,
            "arrived too early": refused.early,
            "of unknown journals": refused.unknown,
            "transitions refused": refused.bad,
            "why": refused.reason,
            "missing in the record": session.durable_learner.lost + session.durable_learner.missing,
            "inbox": len(self._inbox),
            "inbox overflowed": self._dropped,
        }


def main() -> None:
    """Entry point."""
    run_threaded(LearnerNode)


if __name__ == "__main__":
    main()
