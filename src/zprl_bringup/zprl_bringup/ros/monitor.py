"""Subscribes to a running graph from the process that started it."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import TracebackType

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

from zprl_bringup.graph.spec import Graph
from zprl_bringup.runner.run_status import RECENT, SILENT_S, EpisodeEnd, RunStatus
from zprl_core.episode_event import NO_EPISODE
from zprl_core.ros import topics
from zprl_core.ros.hidden_node import HiddenNode
from zprl_core.ros.qos import NEWEST
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus

ENDINGS = {EpisodeEvent.SUCCESS, EpisodeEvent.FAILURE, EpisodeEvent.TIMEOUT}  # discarded episodes do not count
EVERY = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE)
EVERY_EVENT = QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # also those of before it was found


class GraphMonitor:
    """A node in the caller's process that keeps the newest status of learner, policies and arms; use it with `with`."""

    def __init__(self, graph: Graph, domain: int):
        self._graph, self._domain = graph, domain
        self._learner: LearnerStatus | None = None
        self._learner_s = 0.0  # time of its last status
        self._policies: dict[str, PolicyStatus] = {}
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._ends: deque[EpisodeEnd] = deque(maxlen=RECENT)
        self._helped: set[str] = set()  # robots whose arm the operator has moved in this episode
        self._prompt = ""
        self._stopped: dict[str, str] = {}  # why each arm waits for the operator, by its node; "" if it does not
        self._moving: dict[str, str] = {}  # "arm: ...", for each arm that moves to its start
        self._problems: dict[str, str] = {}  # each node's problem, by its name; "" if it has none
        self._discarded: dict[str, str] = {}  # why each robot's last episode was discarded, until the next one
        self._episodes = 0

    def __enter__(self) -> "GraphMonitor":
        self._hidden = HiddenNode("zprl_monitor", self._domain, "/monitor")
        self._subscribe()
        return self

    def _subscribe(self) -> None:
        """Subscribe to the learner, and to each robot in its namespace."""
        node = self._hidden.node
        topics.LEARNER_STATUS.subscribe(node, self._on_learner, NEWEST)
        topics.EPISODE_EVENT.subscribe(node, self._on_episode, EVERY_EVENT)
        topics.DIAGNOSTICS.subscribe(node, self._on_diagnostics, EVERY)
        for spec in self._graph.find("policy_node"):
            heard = partial(self._on_policy, spec.label)
            topics.POLICY_STATUS.under(spec.namespace).subscribe(node, heard, NEWEST)
        for spec in self._graph.arms:
            on_arm = partial(self._on_arm, spec.label, str(spec.parameters.get("robot", "robot")))
            topics.ARM_STATUS.under(spec.namespace).subscribe(node, on_arm, NEWEST)
        for spec in self._graph.find("operator_node"):
            topics.OPERATOR_PROMPT.under(spec.namespace).subscribe(node, self._on_prompt)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._hidden.close()

    def spin(self, duration_s: float) -> None:
        """Receive messages for `duration_s`."""
        self._hidden.spin(duration_s)

    def progress(self) -> RunStatus:
        """Return the present status of the graph."""
        policies = self._policies
        reasons = {name: p.hold_reason for name, p in policies.items()}
        held = tuple(f"{name}: {why}" for name, why in reasons.items() if why and not why.startswith(NO_EPISODE))
        rejections = [p.last_rejection for p in policies.values() if p.last_rejection]
        robots = RunStatus(
            successes_50=sum(self._recent),
            episodes_50=len(self._recent),
            ends=tuple(self._ends),
            env_steps=sum(p.env_steps for p in policies.values()),
            robot_steps=sum(p.env_steps for p in policies.values()),
            episodes=self._episodes,
            backlog=sum(p.backlog for p in policies.values()),
            robots_seen=len(policies),
            held=(*held, *filter(None, self._stopped.values()), *self._discarded.values()),
            waits=(
                *self._moving.values(),
                *self._remote(),
                *(f"{n}: {why}" for n, why in self._problems.items() if why),
            ),
            prompt=self._prompt,
            lost_ticks=sum(p.lost_ticks for p in policies.values()),
            rejected=sum(p.rejected_weights for p in policies.values()),
            last_rejection=rejections[-1] if rejections else "",
        )
        if self._learner is None:
            return robots
        return replace(with_learner(robots, self._learner), learner_age_s=time.monotonic() - self._learner_s)

    def _remote(self) -> Iterator[str]:
        """Return what is wrong with a learner, or with one of another machine."""
        if self._learner is None:
            return
        silent_s = time.monotonic() - self._learner_s
        if silent_s > SILENT_S:
            yield f"learner: its last status is {silent_s:.0f} s old, and so are the figures shown"
        elif self._learner.trouble and not self._graph.find("learner_node"):
            yield f"learner: {self._learner.trouble}"

    def _on_learner(self, status: LearnerStatus) -> None:
        self._learner, self._learner_s = status, time.monotonic()

    def _on_policy(self, name: str, status: PolicyStatus) -> None:
        self._policies[name] = status

    def _on_arm(self, node: str, robot: str, status: ArmStatus) -> None:
        if status.person:
            self._helped.add(robot)
        self._stopped[node] = stopped(status)
        self._moving.pop(node, None)
        if status.mode == ArmStatus.RESET:
            self._moving[node] = f"{node}: the arm is moving to its start"

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        """Keep the problem of each node of this graph; other programs on the machine may report there too."""
        names = {node.full_name: node.label for node in self._graph.nodes}
        for status in message.status:
            if status.name in names:
                bad = status.level != DiagnosticStatus.OK
                self._problems[names[status.name]] = status.message if bad else ""

    def _on_prompt(self, prompt: String) -> None:
        self._prompt = prompt.data

    def _on_episode(self, event: EpisodeEvent) -> None:
        """Count an episode; a success in which the operator moved the arm does not count as one."""
        counts = event.kind in ENDINGS
        success = event.kind == EpisodeEvent.SUCCESS and event.robot not in self._helped
        if event.kind != EpisodeEvent.STARTED:
            self._ends.append(EpisodeEnd(event.robot, event.episode, success, counts, event.source))
        if counts:
            self._episodes += 1
            self._recent.append(success)
        self._helped.discard(event.robot)
        self._discarded.pop(event.robot, None)
        if event.reason:
            self._discarded[event.robot] = f"{event.robot}: episode {event.episode} was discarded: {event.reason}"


def stopped(status: ArmStatus) -> str:
    """Return why the arm waits for the operator, and the remedy; "" when it does not."""
    if status.mode == ArmStatus.FAULT:
        return f"arm: {status.reason}; call arm/recover, then arm/enable"
    if status.mode == ArmStatus.DISCONNECTED and status.reason:
        return f"arm: {status.reason}"
    if status.gripper_reason:
        return f"arm: {status.gripper_reason}"
    if status.mode == ArmStatus.ESTOP:
        return f"arm: {status.reason}; call arm/release and arm/recover, then arm/enable"
    return ""


def with_learner(robots: RunStatus, status: LearnerStatus) -> RunStatus:
    """Return the robots' status, with the learner's counters in place of theirs."""
    return replace(
        robots,
        env_steps=status.env_steps,
        episodes=status.episodes,
        reliable=status.reliable,
        successes_needed=status.successes_needed,
        updates=status.updates,
        update_debt=status.update_debt,
        weights_number=status.weights_number,
        env_steps_per_s=status.env_steps_per_s,
        updates_per_s=status.updates_per_s,
        warming_up=status.warming_up,
        learner_seen=True,
        rejected=robots.rejected + status.rejected,
        last_rejection=status.last_rejection or robots.last_rejection,
    )
