"""The policy node: turns observations into commands and transitions, with the frozen base and the newest residual."""

import time
from pathlib import Path
from typing import Any

import torch
from std_msgs.msg import String

from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.saved_origin import keep_origin
from zprl.delivery.journal import Journal
from zprl.delivery.outbox import Outbox
from zprl.rl.config import Mode
from zprl_core.deadline_timer import PHASE, DeadlineTimer
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.host.scheduling import go_first
from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_core.streams.stream_gate import StreamGate
from zprl_msgs.msg import ActorWeights, LearnerStatus, PolicyStatus
from zprl_msgs.msg import EpisodeEvent as EpisodeEventMessage
from zprl_policy.arm_reports import ArmReport
from zprl_policy.chunk_times import ChunkTimes
from zprl_policy.loaded_policy import LoadedPolicy
from zprl_policy.other_noise import other_noise
from zprl_policy.outbox_relay import OutboxRelay
from zprl_policy.policy_runner import Answer, PolicyRunner
from zprl_policy.ros.arms import Arms
from zprl_policy.ros.camera_inputs import CameraInputs
from zprl_policy.ros.plan_publisher import PlanPublisher
from zprl_policy.ros.replay_link import ReplayLink
from zprl_policy.ros.services import Services
from zprl_policy.ros.stream_inputs import StreamInputs
from zprl_policy.settings import PolicySettings
from zprl_policy.weight_manager import WeightManager
from zprl_policy.weight_store import WeightStore

ASLEEP = "the policy node is not active; activate it"
SLEEP_S = 0.002  # the rest before a deadline is slept, because a sleep ends more precisely than a wait for messages


class PolicyNode(ManagedNode):
    """Callbacks store samples; one tick acts: at the control rate in real time, on each complete state in lockstep."""

    def __init__(self) -> None:
        super().__init__("policy")
        parameters.declare(self, PolicySettings())
        self._deadlines: DeadlineTimer | None = None
        self.relay: OutboxRelay | None = None
        self._outbox: Outbox | None = None
        self._scheduling = "normal"

    def configure(self) -> None:
        torch.set_num_threads(1)
        s = self.settings = parameters.read(self, PolicySettings, PolicySettings())
        loaded = LoadedPolicy(s)
        self.get_logger().info(f"{loaded.computed_by} computes the base")
        if other := other_noise(s):
            self.get_logger().warning(other)
        state = Path(s.state_folder) if s.state_folder else None
        if state is not None:
            warning = keep_origin(state, read_origin(s.base, s.task, "", loaded.config, s.flow_noise), "state")
            if warning:
                self.get_logger().warning(warning)
        outbox = None if state is None else Outbox(Journal(state / "journal.sqlite"), s.run, s.robot)
        self._outbox = outbox
        self.policy = loaded.policy(seed_of(s.seed, outbox))
        self._contest = loaded.contest(self.policy)
        self.weights = WeightManager(loaded.compatibility(), None if state is None else WeightStore(state / "weights"))
        if self.weights.last_rejection:
            self.get_logger().warning(self.weights.last_rejection)
        self.runner = PolicyRunner(self.policy, StreamBuffer(loaded.base.config.observation), s.lockstep)
        self._times = ChunkTimes()
        self._connect()
        Services(self, self.policy, self.weights, self._contest)
        self.relay = None if outbox is None else self._start_relay(outbox)

    def activate(self) -> None:
        if self._deadlines is not None:
            self._deadlines.next_s = time.monotonic() + self._deadlines.period_s

    def idle(self) -> None:
        """Reports at once that no more commands will come."""
        self._report()

    def close(self) -> None:
        """Closes the journal, also one that a failed configuration has left open."""
        relay, outbox = self.relay, self._outbox
        self.relay = self._outbox = None
        if relay is not None:
            relay.close()
        elif outbox is not None:
            outbox.journal.close()

    @property
    def blocked(self) -> str:
        """The reason why the robot must not continue: its transitions could not be stored, or its learner has another
        base or steering. "" if it may.
        """
        if self.relay is None or self.policy.mode != Mode.FINETUNE:
            return ""
        return self.relay.trouble or self.weights.mismatch

    def _start_relay(self, outbox: Outbox) -> OutboxRelay:
        damaged = outbox.journal.set_aside
        if damaged is not None:
            self.get_logger().error(f"the journal was damaged; it was moved to {damaged} and a new one was started")
        base, limit_bytes = self.weights.compatibility.fingerprint, self.settings.journal_limit_bytes
        relay = ReplayLink(self, outbox, limit_bytes, base, lambda: self.weights.newest).relay
        self.weights.later = relay.later
        return relay

    def _connect(self) -> None:
        self._arms = Arms(self, self.runner.spec, self._on_report)
        self._plans = PlanPublisher(self, self.runner.spec)
        self._status = topics.POLICY_STATUS.publisher(self)
        arms, streams = self.runner.spec.arms, self.runner.streams.spec.streams
        reference = next((s.name for s in streams if arms and s.name == arms[0].stream), streams[0].name)
        gate = StreamGate(self.runner.streams, reference, self.settings.lockstep, self._on_clock_set)
        self._inputs = StreamInputs(self, gate, self._on_state, self.runner.on_repeat)
        self._cameras = CameraInputs(self, self.settings.base, self.runner.streams, self.settings.camera_moved_px)
        self.create_timer(1.0, self._cameras.look, clock=self.wall)
        topics.EPISODE_EVENT.subscribe(self, self._on_event)
        topics.EPISODE_REFUSAL.subscribe(self, self._on_refusal)
        topics.ACTOR_WEIGHTS.subscribe(self, self._on_weights)
        topics.LEARNER_STATUS.subscribe(self, self._on_learner)
        self.create_timer(0.5, self._report, clock=self.wall)
        if not self.settings.lockstep:
            period = 1.0 / self.settings.control_rate
            self._deadlines = DeadlineTimer(period, time.monotonic() + period)
            self._scheduling = go_first()

    def wait_s(self) -> float:
        if self._deadlines is None or not self.active:
            return 0.1
        return max(0.0, min(0.1, self._deadlines.remaining(time.monotonic()) - SLEEP_S))

    def step(self) -> None:
        """Ticks at the deadline, in real time."""
        if self._deadlines is None or not self.active:
            return
        left = self._deadlines.remaining(time.monotonic())
        if left > SLEEP_S:
            self._plans.use(left)
            return
        time.sleep(left)
        self._deadlines.tick(time.monotonic())
        self._act(lambda: self.runner.tick(time.monotonic_ns(), round(self.settings.stale_s * 1e9) or None))

    def _on_state(self, stamp_ns: int) -> None:
        """Answers in lockstep, where a tick is a state."""
        if self._deadlines is None and self.active:
            self._act(lambda: self.runner.answer(stamp_ns))

    def _on_clock_set(self, why: str) -> None:
        self.get_logger().error(f"{why}: stamps before and after cannot be compared; check what sets the clock")
        self.runner.on_clock_set(why)

    def _on_report(self, report: ArmReport) -> None:
        self.runner.on_report(report)
        self._put_transitions()

    def _on_event(self, message: EpisodeEventMessage) -> None:
        if message.robot != self.settings.robot or message.kind not in list(EpisodeEventKind):
            return
        stamp_ns = ns_from(message.header.stamp)
        if self._contest is not None and message.kind == EpisodeEventMessage.STARTED:
            self._contest.start(message.episode)
        self.runner.on_event(EpisodeEvent(EpisodeEventKind(message.kind), stamp_ns, message.episode, message.reward))
        if self._deadlines is None:
            self._act(lambda: self.runner.answer(stamp_ns))
        elif message.kind == EpisodeEventMessage.STARTED:
            self._align(self._deadlines)

    def _on_refusal(self, message: String) -> None:
        self.runner.refusal = message.data

    def _align(self, deadlines: DeadlineTimer) -> None:
        """Aligns the ticks to follow shortly after each state of the arm, so that each is answered in its own period.

        The arm's states are used, not a camera's: a command that arrives just when the arm ticks would take effect
        in this step or the next at random.
        """
        due = self._inputs.newest_state_s + PHASE * deadlines.period_s
        while due <= time.monotonic():
            due += deadlines.period_s
        deadlines.next_s = due

    def _act(self, decide: Any) -> None:
        self.weights.deliver(self.policy)
        chunks, start = self.policy.chunks, time.monotonic()
        answer: Answer | None = decide() if self.active else None
        inference_s = time.monotonic() - start
        if answer is not None:
            source = f"policy/{self.policy.mode.name.lower()}"
            self._arms.publish(answer.targets, answer.stamp_ns, source, self.policy.actor_version)
            if self.policy.chunks > chunks:
                self._times.add(inference_s, self._age_s(answer))
                self._show_plan(inference_s)
        self._put_transitions()

    def _show_plan(self, inference_s: float) -> None:
        """Publishes the new chunk for people who watch; the base's follows at once in lockstep, else in spare time."""
        if self.runner.newest is not None:
            self._plans.offer(self.runner.newest, self.policy.chunk, self.policy.base_chunk, inference_s)
        if self._deadlines is None:
            self._plans.use(float("inf"))

    def _age_s(self, answer: Answer) -> float:
        """Returns the time since the stamp of the oldest sample [s]; NaN in lockstep, where the robot's clock waits."""
        now_ns = self.get_clock().now().nanoseconds
        return float("nan") if self._deadlines is None else (now_ns - answer.oldest_ns) * 1e-9

    def _put_transitions(self) -> None:
        """Passes completed transitions to the journal."""
        transitions = [t for t in self.policy.take() if t.learn]
        if self.relay is not None:
            self.runner.blocked = self.blocked
            self.relay.put(transitions)

    def _on_learner(self, m: LearnerStatus) -> None:
        if m.run == self.settings.run:
            self.weights.on_published(m.weights_number)

    def _on_weights(self, m: ActorWeights) -> None:
        before = self.weights.rejected
        self.weights.offer(m.data.tobytes(), m.run, m.number, m.base_fingerprint, m.checksum)
        if self.weights.rejected > before:
            self.get_logger().error(self.weights.last_rejection)

    def _report(self) -> None:
        runner, late = self.runner, self._deadlines
        status = PolicyStatus(
            robot=self.settings.robot,
            mode=int(self.policy.mode) if self.active else PolicyStatus.INACTIVE,
            weights_number=self.policy.actor_version,
            weights_newest=self.weights.newest,
            weights_age_s=self.weights.age_s,
            frozen=self.weights.frozen,
            backlog=self.relay.backlog if self.relay else 0,
            blocked=self.blocked if self.active else ASLEEP,
            chunks=self.policy.chunks,
            env_steps=runner.env_steps,
            held_ticks=runner.held_ticks,
            arm_stopped=runner.arm_stopped,
            hold_reason=runner.waits if self.active else ASLEEP,
            rejected_weights=self.weights.rejected,
            last_rejection=self.weights.last_rejection,
            tick_lateness_p99_ms=late.lateness_ms(99) if late else 0.0,
            inference_ms=self._times.inference_ms,
            observation_age_ms=self._times.age_ms,
            lost_ticks=late.lost if late else 0,
        )
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)

    def health(self) -> tuple[str, dict[str, object]]:
        late = self._deadlines
        relay = self.relay
        problem = (relay.trouble or relay.waits if relay else "") or self.runner.hold_reason
        return problem or self._cameras.check.problem, {
            "mode": self.policy.mode.name.lower(),
            "weights": self.policy.actor_version,
            "weights behind the learner": max(0, self.weights.newest - self.policy.actor_version),
            "weights frozen": self.weights.frozen,
            "transitions without feedback of the arm": self.policy.unreported,
            "transitions not acknowledged": relay.backlog if relay else 0,
            "weights age [s]": f"{self.weights.age_s:.1f}",
            "control steps": self.runner.env_steps,
            "held ticks": self.runner.held_ticks,
            **self._times.health(),
            "lateness p99 [ms]": f"{late.lateness_ms(99):.2f}" if late else "lockstep",
            "lost ticks": late.lost if late else 0,
            "scheduling": self._scheduling,
            "weights refused": self.weights.rejected,
            **self._inputs.health(),
            **self._cameras.check.health(),
        }


def seed_of(seed: int, outbox: Outbox | None) -> int:
    """Returns the policy's seed; it changes after a restart, so that the same random numbers are not drawn again."""
    return seed if outbox is None else seed + (outbox.journal.next << 31)


def main() -> None:
    """Runs the policy node."""
    run(PolicyNode)


if __name__ == "__main__":
    main()
