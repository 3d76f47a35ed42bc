"""The episode node resets, starts, ends and labels episodes, automatically or as the operator requests."""

import time
from typing import Any

from rclpy.duration import Duration
from std_msgs.msg import Bool, String

from zprl_core.arm_mode import BROKEN, ArmMode
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import ns_from, time_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_episodes.episode_manager import EpisodeManager, EpisodeSettings
from zprl_episodes.reset_client import Answer, ResetClient
from zprl_msgs.msg import ArmStatus, LearnerStatus, PolicyStatus, ReplayAck, SuccessDetection
from zprl_msgs.msg import EpisodeEvent as EpisodeEventMessage
from zprl_msgs.srv import LabelEpisode, Reset

ACKED_S = 5.0  # longest wait, at the end, for those who hear of the last episode


class Robot:
    """Client of the service reset."""

    def __init__(self, client: Any):
        self._client, self._future = client, None

    def ready(self) -> bool:
        return bool(self._client.service_is_ready())

    def call(self, seed: int) -> None:
        self._future = self._client.call_async(Reset.Request(seed=seed))

    def answer(self) -> Answer | None:
        if self._future is None or not self._future.done():
            return None
        m = self._future.result()
        return Answer(False) if m is None else Answer(m.success, m.message, m.pending, ns_from(m.stamp))

    def forget(self) -> None:
        self._client.remove_pending_request(self._future)
        self._future = None


class EpisodeNode(ManagedNode):
    """Callbacks update the episode manager; `step` carries out its decisions."""

    def __init__(self) -> None:
        super().__init__("episode")
        parameters.declare(self, EpisodeSettings())

    def configure(self) -> None:
        settings = parameters.read(self, EpisodeSettings, EpisodeSettings())
        self.manager = EpisodeManager(settings)
        self._said = ""  # the last logged failure of a reset
        self._refused = ""  # the last published reason why no episode starts
        self._events = topics.EPISODE_EVENT.publisher(self)
        self._refusal = topics.EPISODE_REFUSAL.publisher(self)
        self._refusal.publish(String())  # clears the latched message of an earlier node
        self._resets = ResetClient(self.manager, Robot(services.RESET.client(self)))
        if settings.has_policy:
            topics.POLICY_STATUS.subscribe(self, self._on_policy)
        topics.LEARNER_STATUS.subscribe(self, self._on_learner)
        topics.REPLAY_ACK.subscribe(self, self._on_ack)
        topics.SUCCESS.subscribe(self, self._on_success)
        if settings.wait_for_recorder:
            topics.RECORDER_READY.subscribe(self, self._on_recorder)
        if not settings.automatic:
            topics.ARM_STATUS.subscribe(self, self._on_arm)
        services.EPISODE_RESET.serve(self, self._on_reset)
        services.EPISODE_LABEL.serve(self, self._on_label)

    def idle(self) -> None:
        """End the running episode, which has no time limit and no label any more."""
        self._publish(self.manager.discard("the episode node was deactivated"))

    def step(self) -> None:
        """Run a reset when one is due, and process its response."""
        if not self.active:
            return
        now = time.monotonic()
        self._publish(self.manager.stalled(now))
        self._publish(self._resets.step(now))
        self._log_failure()
        self._publish_refusal(now)
        if self.manager.done:
            self._events.wait_for_all_acked(Duration(seconds=ACKED_S))  # a process that ends takes the last one with it
            raise SystemExit(0)

    def _log_failure(self) -> None:
        """Log the reason of a failed reset when it changes."""
        why = self.manager.failure
        if why == self._said:
            return
        self._said = why
        if why and self.manager.settings.automatic:
            self.get_logger().warning(f"the reset failed and is repeated: {why}", throttle_duration_sec=5.0)
        elif why:
            self.get_logger().warning(f"the reset failed: {why}. Request it again (episode/reset) when you are ready")

    def _publish_refusal(self, now_s: float) -> None:
        """Publish why no episode starts when it changes; what an operator asks for is answered by the service."""
        manager = self.manager
        waits = manager.settings.automatic and not manager.running and not manager.done
        why = manager.failure or (manager.waits_for(now_s) if waits else "")
        if why != self._refused:
            self._refused = why
            self._refusal.publish(String(data=why))

    def _on_success(self, m: SuccessDetection) -> None:
        self._publish(self.manager.state(ns_from(m.header.stamp), m.success, m.ended, m.step, time.monotonic()))

    def _on_arm(self, m: ArmStatus) -> None:
        self._publish(self.manager.state(ns_from(m.header.stamp), False, False, 0, time.monotonic()))
        if not self.manager.settings.has_policy and m.mode in BROKEN:  # otherwise the policy says so
            self._publish(self.manager.on_arm_stopped(f"the arm is in {ArmMode(m.mode).name}: {m.reason}"))

    def _on_policy(self, m: PolicyStatus) -> None:
        self.manager.on_policy(m.blocked, m.mode != PolicyStatus.INACTIVE, time.monotonic())
        if m.arm_stopped and m.robot == self.manager.settings.robot:
            self._publish(self.manager.on_arm_stopped(m.arm_stopped))

    def _on_recorder(self, m: Bool) -> None:
        self.manager.on_recorder(m.data, time.monotonic())

    def _on_learner(self, m: LearnerStatus) -> None:
        self.manager.on_learner(m.update_debt, time.monotonic())

    def _on_ack(self, m: ReplayAck) -> None:
        if m.robot == self.manager.settings.robot:
            self.manager.on_next_episode(m.next_episode)

    def _on_reset(self, request: Reset.Request, response: Reset.Response) -> Reset.Response:
        why = (
            self.manager.request_reset(time.monotonic())
            if self.active
            else "the episode node is not active; activate it"
        )
        self._log_failure()  # the previous reason is obsolete
        self._publish_refusal(time.monotonic())
        response.success = not why
        response.message = why or "requested"
        return response

    def _on_label(self, request: LabelEpisode.Request, response: LabelEpisode.Response) -> LabelEpisode.Response:
        if request.label not in (EpisodeEventKind.SUCCESS, EpisodeEventKind.FAILURE, EpisodeEventKind.DISCARDED):
            response.message = f"{request.label} is not a label; 1 is success, 2 failure, 4 discard"
            return response
        event = self.manager.label(EpisodeEventKind(request.label), "person")
        response.success = event is not None
        response.message = "" if event else "no episode is running; request one first (episode/reset)"
        self._publish(event)
        return response

    def _publish(self, event: EpisodeEvent | None) -> None:
        if event is None:
            return
        message = EpisodeEventMessage(
            robot=self.manager.settings.robot,
            episode=event.episode,
            kind=int(event.kind),
            reward=event.reward,
            steps=event.steps,
            source=event.source,
            reason=event.reason,
        )
        message.header.stamp = time_from(event.stamp_ns)
        self._events.publish(message)
        if event.reason:
            self.get_logger().error(f"episode {event.episode} was discarded: {event.reason}")

    def health(self) -> tuple[str, dict[str, object]]:
        waits = "" if self.manager.running else self.manager.waits_for(time.monotonic()) or self.manager.failure
        return waits, {"episode": self.manager.episode, "ended": self.manager.ended, "running": self.manager.running}


def main() -> None:
    """Entry point."""
    run(EpisodeNode)


if __name__ == "__main__":
    main()
