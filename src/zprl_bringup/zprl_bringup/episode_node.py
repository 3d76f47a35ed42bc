"""The episode node: resets, starts, ends and labels episodes; by itself, or as a person says."""

import time
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile

from zprl.news import News
from zprl.ros import parameters, qos
from zprl.ros.conversions import ns_of, time_of
from zprl.ros.managed_node import ManagedNode, run
from zprl_bringup.episode import Announcement, Director, EpisodeSettings
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus, ReplayAck, SuccessDetection
from zprl_msgs.srv import LabelEpisode, Reset

RESET_TIMEOUT_S = 5.0
ASK_AGAIN_S = 0.2
LATCHED = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # for a policy that comes back


class EpisodeNode(ManagedNode):
    """Callbacks tell the director, `step` does what it wants."""

    def __init__(self) -> None:
        super().__init__("episode")
        parameters.declare(self, EpisodeSettings())

    def configure(self) -> None:
        settings = parameters.read(self, EpisodeSettings, EpisodeSettings())
        self.director = Director(settings)
        self._call: Any = None
        self._called_s = 0.0
        self._seed = 0
        self._again_s: float | None = None  # when to ask again for a reset that is under way
        self._events = self.create_publisher(EpisodeEvent, "episode/event", LATCHED)
        self._reset = self.create_client(Reset, "reset")
        self.create_subscription(PolicyStatus, "policy/status", self._on_policy, qos.STATUS)
        self.create_subscription(LearnerStatus, "learner/status", self._on_learner, qos.STATUS)
        self.create_subscription(ReplayAck, "replay/ack", self._on_ack, qos.REPLAY)
        self.create_subscription(SuccessDetection, "success", self._on_success, qos.STATE)
        if not settings.automatic:
            self.create_subscription(ArmStatus, "arm/status", self._on_arm, qos.STATE)
        self.create_service(Reset, "episode/reset", self._on_reset)
        self.create_service(LabelEpisode, "episode/label", self._on_label)

    def step(self) -> None:
        """Ask for a reset when it is time, and hear its answer."""
        if not self.active:
            return
        now = time.monotonic()
        self._tell(self.director.stalled(now))
        if self._call is not None:
            self._hear_reset(now)
            return
        if self._again_s is not None:
            if now > self._again_s:
                self._again_s = None
                self._ask(self._seed, now)
            return
        seed = self.director.wants_reset()
        if seed is not None:
            self._ask(seed, now)
        if self.director.done:
            raise SystemExit(0)

    def _ask(self, seed: int, now: float) -> None:
        if not self._reset.service_is_ready():
            self.get_logger().warning(
                "nobody offers the service reset; start the simulator or the arm node", throttle_duration_sec=5.0
            )
            self.director.reset_failed()
            return
        self._called_s, self._seed = now, seed
        self._call = self._reset.call_async(Reset.Request(seed=seed))

    def _hear_reset(self, now: float) -> None:
        if self._call.done():
            answer, self._call = self._call.result(), None
            if answer is not None and answer.success:
                self._tell(self.director.reset_done(ns_of(answer.stamp), now))
                return
            if answer is not None and answer.pending:
                self._again_s = now + ASK_AGAIN_S
                return
            why = answer.message if answer is not None else "no answer"
            self.get_logger().warning(f"reset refused: {why}", throttle_duration_sec=5.0)
        elif now - self._called_s < RESET_TIMEOUT_S:
            return
        else:
            self._reset.remove_pending_request(self._call)
            self._call = None
            self.get_logger().warning(f"reset gave no answer in {RESET_TIMEOUT_S:.0f} s; asking again")
        self.director.reset_failed()

    def _on_success(self, m: SuccessDetection) -> None:
        self._tell(self.director.state(ns_of(m.header.stamp), m.success, m.ended, m.step, time.monotonic()))

    def _on_arm(self, m: ArmStatus) -> None:
        self._tell(self.director.state(ns_of(m.header.stamp), False, False, 0, time.monotonic()))

    def _on_policy(self, m: PolicyStatus) -> None:
        self.director.policy_seen, self.director.blocked = True, m.blocked

    def _on_learner(self, m: LearnerStatus) -> None:
        self.director.debt = m.update_debt

    def _on_ack(self, m: ReplayAck) -> None:
        if m.robot == self.director.settings.robot:
            self.director.taken(m.next_episode)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        if self.director.running:
            response.message = "an episode runs; label it first (episode/label)"
        else:
            self.director.asked = response.success = True
            response.message = "asked for; episode/event tells when it has begun"
        return response

    def _on_label(self, request: LabelEpisode.Request, response: LabelEpisode.Response) -> LabelEpisode.Response:
        if request.label not in (News.SUCCESS, News.FAILURE, News.DISCARDED):
            response.message = f"no label {request.label}; 1 is success, 2 failure, 4 discard"
            return response
        news = self.director.label(News(request.label), "person")
        response.success = news is not None
        response.message = "" if news else "no episode runs; ask for one first (episode/reset)"
        self._tell(news)
        return response

    def _tell(self, news: Announcement | None) -> None:
        if news is None:
            return
        message = EpisodeEvent(
            robot=self.director.settings.robot,
            episode=news.episode,
            kind=int(news.kind),
            reward=news.reward,
            steps=news.steps,
            source=news.source,
        )
        message.header.stamp = time_of(news.stamp_ns)
        self._events.publish(message)

    def health(self) -> tuple[str, dict[str, object]]:
        waits = "" if self.director.running else self.director.waits_for()
        return waits, {"episode": self.director.episode, "ended": self.director.ended, "running": self.director.running}


def main() -> None:
    """Entry point."""
    run(EpisodeNode)


if __name__ == "__main__":
    main()
