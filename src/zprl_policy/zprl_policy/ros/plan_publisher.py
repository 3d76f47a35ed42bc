"""Publishes the chunk that the policy executes, and the one that its base alone would, for people who watch.

Nothing is computed without a subscriber, nor in time that the control loop needs.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path
from rclpy.node import Node

from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import CartesianAction
from zprl_core.observation import Observation
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import tool_message
from zprl_policy.chunk_plan import planned

PERIOD_S = 0.2  # shortest time between two plans
MARGIN = 2.0  # the base's chunk is computed if this many times its duration is left

Actions = npt.NDArray[np.float32]  # (n, A)


class PlanPublisher:
    """Publishes a path of tool poses for each arm whose tool is commanded; joint commands have none."""

    def __init__(self, node: Node, spec: ActionSpec):
        self._spec = spec
        self._arms = [arm for arm in spec.arms if isinstance(arm.motion, CartesianAction)]
        self._plans = {arm.arm: topics.PLAN.under(arm.arm).publisher(node) for arm in self._arms}
        self._bases = {arm.arm: topics.BASE_PLAN.under(arm.arm).publisher(node) for arm in self._arms}
        self._next_s = 0.0
        self._pending: tuple[Observation, Callable[[], Actions]] | None = None
        self._base_s = 0.0  # how long the base's chunk takes at most

    def offer(
        self, observation: Observation, actions: Actions, base: Callable[[], Actions], inference_s: float
    ) -> None:
        """Publish a new chunk, and remember how to compute the base's. Does nothing sooner than PERIOD_S.

        `inference_s`: how long the chunk took [s], at least as long as the base's will.
        """
        now_s = time.monotonic()
        self._pending = None
        if now_s < self._next_s:
            return
        self._next_s = now_s + PERIOD_S
        if _heard(self._plans):
            self._publish(self._plans, observation, actions)
        if _heard(self._bases):
            self._pending, self._base_s = (observation, base), inference_s

    def use(self, left_s: float) -> None:
        """Compute and publish the base's chunk, if `left_s` suffices."""
        if self._pending is None or left_s < MARGIN * self._base_s:
            return
        (observation, base), self._pending = self._pending, None
        self._publish(self._bases, observation, base())

    def _publish(self, publishers: dict[str, Any], observation: Observation, actions: Actions) -> None:
        try:
            plan = planned(self._spec, actions, observation)
        except ValueError:  # not finite, which the policy reports
            return
        step_ns = round(1e9 / self._spec.rate_hz)
        for arm in self._arms:
            path = Path()
            path.header.frame_id, path.header.stamp = arm.frame, time_from(observation.stamp_ns)
            for k, targets in enumerate(plan):
                pose = PoseStamped(pose=tool_message(targets[arm.arm].pose))
                pose.header.frame_id, pose.header.stamp = arm.frame, time_from(observation.stamp_ns + (k + 1) * step_ns)
                path.poses.append(pose)
            publishers[arm.arm].publish(path)


def _heard(publishers: dict[str, Any]) -> bool:
    return any(publisher.get_subscription_count() for publisher in publishers.values())
