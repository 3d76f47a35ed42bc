"""Hears what policy, episode node, arm and learner report, and keeps it as a caption."""

from rclpy.node import Node
from std_msgs.msg import String

from zprl_core.arm_mode import ArmMode
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.ros import topics
from zprl_core.ros.qos import NEWEST
from zprl_msgs.msg import ArmStatus, EpisodeEvent, LearnerStatus, PolicyStatus
from zprl_view.caption import Caption
from zprl_view.ros import panel_rows


class Captions:
    """The caption of one robot."""

    def __init__(self, node: Node, robot: str):
        self._robot, self._caption = robot, Caption()
        topics.POLICY_STATUS.subscribe(node, self._on_policy, NEWEST)
        topics.LEARNER_STATUS.subscribe(node, self._on_learner, NEWEST)
        topics.EPISODE_EVENT.subscribe(node, self._on_event)
        topics.EPISODE_REFUSAL.subscribe(node, self._on_refusal)

    @property
    def text(self) -> str:
        """The lines to show."""
        return self._caption.text

    def on_arm(self, arm: str, m: ArmStatus) -> None:
        """Keep why an arm does not follow, or what a guard does."""
        known = ArmMode(m.mode).name if m.mode in list(ArmMode) else f"mode {m.mode}"
        words = f"{known}: {m.reason}" if m.reason else ("" if m.mode == ArmMode.STREAM else known)
        self._caption.arm = f"{arm} {words}".strip() if words else ""

    def _on_policy(self, m: PolicyStatus) -> None:
        if m.robot == self._robot:
            self._caption.mode, self._caption.weights = panel_rows.policy(m).mode, m.weights_number
            self._caption.behind = max(0, m.weights_newest - m.weights_number)
            self._caption.reason = m.hold_reason

    def _on_learner(self, m: LearnerStatus) -> None:
        self._caption.success, self._caption.updates, self._caption.q_mean = m.success_rate, m.updates, m.q_mean
        self._caption.rms_ratio = m.rms_u / m.rms_z if m.rms_z > 0.0 else float("nan")

    def _on_event(self, m: EpisodeEvent) -> None:
        if m.robot == self._robot and m.kind in list(EpisodeEventKind):
            kind = EpisodeEventKind(m.kind).name.lower()
            why = f": {m.reason}" if m.reason else ""
            self._caption.episode = f"episode {m.episode}: {kind}{why}"

    def _on_refusal(self, m: String) -> None:
        if m.data:
            self._caption.episode = f"no episode starts: {m.data}"
