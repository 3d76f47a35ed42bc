"""The topics of the arms that a policy moves: publishes commands and receives reports."""

from collections.abc import Callable, Mapping
from functools import partial

from rclpy.node import Node
from rclpy.publisher import Publisher

from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction
from zprl_core.arm_mode import ArmMode
from zprl_core.ros import topics
from zprl_core.ros.arm_targets import executed_target
from zprl_core.ros.conversions import command_message, ns_from
from zprl_msgs.msg import ArmStatus
from zprl_policy.arm_reports import ArmReport

LONGEST_REASON = 500  # longest reason taken from an arm's status


class Arms:
    """Publishes each arm's command and passes on each arm's report."""

    def __init__(self, node: Node, spec: ActionSpec, on_report: Callable[[ArmReport], None]):
        self._node, self._spec, self._on_report = node, spec, on_report
        self._commands: dict[str, Publisher] = {}
        for arm in spec.arms:
            self._commands[arm.arm] = topics.ARM_COMMAND.under(arm.arm).publisher(node)
            topics.ARM_STATUS.under(arm.arm).subscribe(node, partial(self._on_status, arm))

    def publish(self, targets: Mapping[str, ArmTarget], stamp_ns: int, source: str, actor_version: int) -> None:
        """Commands every arm, for the observation stamped `stamp_ns`."""
        for arm in self._spec.arms:
            message = command_message(targets[arm.arm], stamp_ns, source, actor_version, arm.frame)
            self._commands[arm.arm].publish(message)

    def _on_status(self, arm: ArmAction, m: ArmStatus) -> None:
        if m.mode not in list(ArmMode):
            topic = topics.ARM_STATUS.under(arm.arm).name
            self._node.get_logger().warning(f"{topic} has the unknown mode {m.mode}", throttle_duration_sec=5.0)
            return
        target = executed_target(arm, m)
        if target is not None:
            reason, stamp_ns = m.reason[:LONGEST_REASON], ns_from(m.header.stamp)
            self._on_report(ArmReport(stamp_ns, ArmMode(m.mode), target, reason, m.clipped, m.person, arm.arm))
