"""Connects an operator panel with a running graph: hears it, and calls its services. Usable from any thread."""

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from std_msgs.msg import String

from zprl_core.ros import services, topics
from zprl_core.ros.hidden_node import HiddenNode
from zprl_core.ros.interfaces import Service
from zprl_core.ros.qos import NEWEST
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus
from zprl_view.panel.buttons import BUTTONS, Button
from zprl_view.panel.panel_record import PanelRecord
from zprl_view.panel.panel_state import PanelState, Source
from zprl_view.ros import panel_rows

ANSWER_S = 10.0  # longest wait for a service's response
LOOK_S = 1.0  # time between two looks at which services are there
SHARED = ("learner/",)  # services of the learner, which all robots share


@dataclass(frozen=True)
class Answer:
    """The response to a pressed button."""

    success: bool
    message: str


@dataclass
class _Call:
    button: Button
    number: int
    answer: "Future[Answer]"
    response: Any = None
    end_s: float = 0.0


class PanelLink:
    """Use it with `with`; a thread of its own spins."""

    def __init__(self, domain: int, namespace: str = "", arms: tuple[str, ...] = ("",), robot: str = "robot"):
        """`namespace`: of the robot. `arms`: namespaces of its arms. `robot`: its name in episode events."""
        self._domain, self._namespace, self._arms, self._robot = domain, namespace.strip("/"), arms, robot
        self._record, self._lock = PanelRecord(), threading.Lock()
        self._calls: deque[_Call] = deque()
        self._waiting: list[_Call] = []
        self._stop = threading.Event()
        self._look_s = 0.0

    def __enter__(self) -> "PanelLink":
        self._hidden = HiddenNode("zprl_panel", self._domain, "/operator")
        self._clients = {button.name: self._client(button) for button in BUTTONS}
        self._subscribe()
        self._thread = threading.Thread(target=self._spin, name="panel", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5.0)
        self._hidden.close()

    @property
    def context(self) -> Context:
        """The ROS context, for other nodes of the same program."""
        return self._hidden.context

    def state(self) -> PanelState:
        """Return what is known now."""
        with self._lock:
            return self._record.state(time.monotonic())

    def press(self, button: Button, number: int = 0) -> "Future[Answer]":
        """Call the button's service. The future always gets an answer, at the latest after ANSWER_S."""
        call = _Call(button, number, Future())
        self._calls.append(call)
        return call.answer

    def _client(self, button: Button) -> Any:
        service = next(s for s in vars(services).values() if isinstance(s, Service) and s.name == button.service)
        namespace = "" if button.service.startswith(SHARED) else self._namespace
        full_name = f"/{namespace}/{service.name}".replace("//", "/")
        return replace(service, name=full_name).client(self._hidden.node)

    def _subscribe(self) -> None:
        node, space = self._hidden.node, f"/{self._namespace}" if self._namespace else ""
        topics.POLICY_STATUS.under(space).subscribe(node, self._on_policy, NEWEST)
        topics.LEARNER_STATUS.subscribe(node, self._on_learner, NEWEST)
        topics.EPISODE_EVENT.subscribe(node, self._on_episode)
        topics.EPISODE_REFUSAL.under(space).subscribe(node, self._on_refusal)
        topics.OPERATOR_PROMPT.under(space).subscribe(node, self._on_prompt)
        topics.DIAGNOSTICS.subscribe(node, self._on_diagnostics, NEWEST)
        for arm in self._arms:
            on_arm = partial(self._on_arm, arm)
            topics.ARM_STATUS.under(f"{space}/{arm}" if arm else space).subscribe(node, on_arm, NEWEST)

    def _spin(self) -> None:
        while not self._stop.is_set():
            self._hidden.executor.spin_once(timeout_sec=0.05)
            now_s = time.monotonic()
            self._send(now_s)
            self._answer(now_s)
            if now_s > self._look_s:
                self._look_s = now_s + LOOK_S
                ready = frozenset(b.service for b in BUTTONS if self._clients[b.name].service_is_ready())
                with self._lock:
                    self._record.services = ready

    def _send(self, now_s: float) -> None:
        while self._calls:
            call = self._calls.popleft()
            client = self._clients[call.button.name]
            if not client.service_is_ready():
                call.answer.set_result(Answer(False, f"no node offers {call.button.service}"))
                continue
            request = panel_rows.request(client.srv_type, call.button, call.number)
            call.response, call.end_s = client.call_async(request), now_s + ANSWER_S
            self._waiting.append(call)

    def _answer(self, now_s: float) -> None:
        for call in list(self._waiting):
            if call.response.done():
                m = call.response.result()
                answer = Answer(False, "no answer") if m is None else Answer(bool(m.success), str(m.message))
            elif now_s > call.end_s:
                answer = Answer(False, f"{call.button.service} did not answer within {ANSWER_S:.0f} s")
                self._clients[call.button.name].remove_pending_request(call.response)
            else:
                continue
            self._waiting.remove(call)
            call.answer.set_result(answer)

    def _heard(self, source: Source) -> PanelRecord:
        self._record.heard(source, time.monotonic())
        return self._record

    def _on_policy(self, m: PolicyStatus) -> None:
        with self._lock:
            self._heard(Source.POLICY).policy = panel_rows.policy(m)

    def _on_learner(self, m: LearnerStatus) -> None:
        with self._lock:
            self._heard(Source.LEARNER).learner = panel_rows.learner(m)

    def _on_arm(self, arm: str, m: ArmStatus) -> None:
        row = panel_rows.arm(arm, m)
        if row is not None:
            with self._lock:
                self._heard(Source.ARM).on_arm(row)

    def _on_episode(self, m: EpisodeEvent) -> None:
        row = panel_rows.episode(m)
        if row is not None and m.robot == self._robot:
            with self._lock:
                self._heard(Source.EPISODE).on_episode(row)

    def _on_refusal(self, m: String) -> None:
        with self._lock:
            self._record.refusal = m.data

    def _on_prompt(self, m: String) -> None:
        with self._lock:
            self._record.prompt = m.data

    def _on_diagnostics(self, m: DiagnosticArray) -> None:
        rows = [panel_rows.diagnostic(status) for status in m.status]
        with self._lock:
            for row in rows:
                self._record.on_diagnostic(row, time.monotonic())
