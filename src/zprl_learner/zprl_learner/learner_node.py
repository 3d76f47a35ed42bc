"""The learner node: transitions in, actor weights out. It never waits for the robot, nor the robot for it.

A thread spins and fills an inbox. The main thread stores what is in it and updates within the budget.
"""

import os
import threading
import time
from collections import deque
from typing import Any

import torch

from zprl.ros import parameters, qos
from zprl.ros.conversions import transition_from, weights_message
from zprl.ros.managed_node import WorkingNode, run_threaded
from zprl_learner.session import Ended, Session, Weights
from zprl_learner.settings import LearnerSettings
from zprl_msgs.msg import ActorWeights, EpisodeEvent, LearnerStatus, Transition

OUTCOMES = {EpisodeEvent.SUCCESS: "SUCCESS", EpisodeEvent.FAILURE: "FAILURE", EpisodeEvent.TIMEOUT: "TIMEOUT"}
IDLE_S = 0.005  # how long the main thread rests when nothing is due
STATUS_S, ROW_S = 0.5, 2.0


class LearnerNode(WorkingNode):
    """Callbacks append to the inbox, nothing else."""

    def __init__(self) -> None:
        super().__init__("learner")
        parameters.declare(self, LearnerSettings())
        self._session: Session | None = None
        self._inbox: deque[Any] = deque()

    def configure(self) -> None:
        torch.set_num_threads(1)
        settings = parameters.read(self, LearnerSettings, LearnerSettings())
        os.nice(settings.nice)
        session = Session(settings)
        self._weights = self.create_publisher(ActorWeights, "actor_weights", qos.WEIGHTS)
        self._status = self.create_publisher(LearnerStatus, "learner/status", qos.STATUS)
        self.create_subscription(Transition, "replay", self._on_message, qos.REPLAY)
        self.create_subscription(EpisodeEvent, "episode/event", self._on_message, qos.EVENTS)
        self._status_due = self._row_due = 0.0
        self._session = session
        self._publish(session.weights())

    def work(self, stop: threading.Event) -> None:
        """The main thread's loop."""
        while not stop.is_set():
            if not self.active or self._session is None or not self._turn(self._session):
                time.sleep(IDLE_S)

    def close(self) -> None:
        if self._session is not None:
            self._drain(self._session)
            self._session.close()

    def _on_message(self, message: Any) -> None:
        self._inbox.append(message)

    def _turn(self, session: Session) -> bool:
        """Store, update once, report when it is time. Whether an update was done."""
        self._drain(session)
        due = session.learner.due > 0
        weights = session.update() if due else None
        if weights is not None:
            self._publish(weights)
        now = time.monotonic()
        if now > self._row_due:
            self._row_due = now + ROW_S
            session.row()
            session.save_if_due()
        if now > self._status_due:
            self._status_due = now + STATUS_S
            self._report(session)
        return due

    def _drain(self, session: Session) -> None:
        while self._inbox:
            message = self._inbox.popleft()
            if isinstance(message, Transition):
                self._take(session, message)
            elif message.kind in OUTCOMES:
                outcome = OUTCOMES[message.kind]
                session.end(Ended(message.robot, message.episode, outcome, message.steps, message.reward))

    def _take(self, session: Session, message: Transition) -> None:
        run = session.settings.run
        try:
            if message.run != run:
                raise ValueError(f"transition of run {message.run!r} dropped: this learner belongs to run {run!r}")
            session.add(transition_from(message, session.learner.size))
        except ValueError as error:
            session.reject(str(error))
            self.get_logger().error(str(error), throttle_duration_sec=5.0)

    def _publish(self, weights: Weights) -> None:
        session = self._session
        assert session is not None
        message = weights_message(
            weights.data, session.settings.run, weights.number, weights.updates, session.fingerprint
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._weights.publish(message)

    def _report(self, session: Session) -> None:
        learner, metrics, recent = session.learner, session.learner.metrics, session.recent
        nan = float("nan")
        names = ("critic_loss", "actor_loss", "q_mean", "temperature", "rms_u", "rms_z")
        status = LearnerStatus(
            run=session.settings.run,
            warming_up=learner.warming_up,
            transitions=learner.replay.added,
            env_steps=learner.env_steps,
            episodes=session.episodes,
            successes=session.successes,
            updates=learner.sac.updates,
            weights_number=session.number,
            update_debt=learner.due,
            updates_per_s=session.speed.updates_per_s,
            env_steps_per_s=session.speed.steps_per_s,
            success_rate=sum(recent) / len(recent) if recent else 0.0,
            rejected=session.rejected,
            last_rejection=session.last_rejection,
            **{name: float(metrics.get(name, nan)) for name in names},
        )
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)

    def health(self) -> tuple[str, dict[str, object]]:
        session = self._session
        if session is None:
            return "not configured", {}
        return session.trouble, {
            "transitions": session.learner.replay.added,
            "updates": session.learner.sac.updates,
            "updates owed": session.learner.due,
            "updates per second": f"{session.speed.updates_per_s:.1f}",
            "weights": session.number,
            "transitions refused": session.rejected,
            "why": session.last_rejection,
            "inbox": len(self._inbox),
        }


def main() -> None:
    """Entry point."""
    run_threaded(LearnerNode)


if __name__ == "__main__":
    main()
