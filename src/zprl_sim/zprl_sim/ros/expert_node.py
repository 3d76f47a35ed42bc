"""The expert node demonstrates a task with the scripted expert, over the topics of a policy and in its place."""

import time
from functools import partial
from typing import Any

from zprl_core.action import ArmTarget
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import Observation
from zprl_core.observation_spec import StreamSpec
from zprl_core.ros import parameters, qos, topics
from zprl_core.ros.conversions import command_message, ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.samples import TYPES, sample_from
from zprl_msgs.msg import EpisodeEvent as EpisodeEventMessage
from zprl_msgs.msg import PolicyStatus
from zprl_sim.demos.expert_runner import ExpertRunner, ExpertSettings
from zprl_sim.tasks.catalog import task_named

REPORT_S = 0.5


class ExpertNode(ManagedNode):
    """In lockstep it answers each state; in real time it acts when a state of the first arm arrives."""

    def __init__(self) -> None:
        super().__init__("policy")
        parameters.declare(self, ExpertSettings())

    def configure(self) -> None:
        s = self.settings = parameters.read(self, ExpertSettings, ExpertSettings())
        task = task_named(s.task)
        self.runner = ExpertRunner(task, s)
        self._commands = {arm.arm: topics.ARM_COMMAND.under(arm.arm).publisher(self) for arm in task.action.arms}
        self._status = topics.POLICY_STATUS.publisher(self)
        by_topic: dict[str, list[StreamSpec]] = {}
        for stream in task.observation.streams:
            by_topic.setdefault(stream.topic, []).append(stream)
        self._reference = task.observation.streams[0].topic
        for topic, streams in by_topic.items():
            self.create_subscription(TYPES[streams[0].kind], topic, partial(self._on_message, streams), qos.STATE)
        topics.EPISODE_EVENT.subscribe(self, self._on_event)
        self.create_timer(REPORT_S, self._report, clock=self.wall)

    def idle(self) -> None:
        self._report()

    def _on_message(self, streams: list[StreamSpec], message: Any) -> None:
        arrived_ns, stamp_ns = time.monotonic_ns(), ns_from(message.header.stamp)
        for stream in streams:
            try:
                self.runner.streams.push(stream.name, stamp_ns, sample_from(stream, message), arrived_ns)
            except ValueError as error:
                self.get_logger().warning(str(error), throttle_duration_sec=5.0)
        if not self.active:
            return
        if self.settings.lockstep:
            self._publish(self.runner.answer(stamp_ns))
        elif streams[0].topic == self._reference:
            self._publish(self.runner.tick(arrived_ns))

    def _on_event(self, m: EpisodeEventMessage) -> None:
        if m.robot != self.settings.robot or m.kind not in set(EpisodeEventKind):
            return
        stamp_ns = ns_from(m.header.stamp)
        self.runner.on_event(EpisodeEvent(EpisodeEventKind(m.kind), stamp_ns, m.episode))
        if self.active and self.settings.lockstep:
            self._publish(self.runner.answer(stamp_ns))

    def _publish(self, answer: tuple[Observation, dict[str, ArmTarget]] | None) -> None:
        if answer is None:
            return
        seen, targets = answer
        for arm in self.runner.task.action.arms:
            message = command_message(targets[arm.arm], seen.stamp_ns, "policy/expert", 0, arm.frame)
            self._commands[arm.arm].publish(message)

    def _report(self) -> None:
        status = PolicyStatus(
            robot=self.settings.robot,
            mode=PolicyStatus.BASE if self.active else PolicyStatus.INACTIVE,
            blocked="" if self.active else "the expert node is not active; activate it",
            env_steps=self.runner.env_steps,
            hold_reason=self.runner.waits,
        )
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)

    def health(self) -> tuple[str, dict[str, object]]:
        return "", {"control steps": self.runner.env_steps, "waits": self.runner.waits}


def main() -> None:
    """Entry point."""
    run(ExpertNode)


if __name__ == "__main__":
    main()
