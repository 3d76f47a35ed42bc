"""The view node: markers, link frames and small images for rviz, Foxglove and other viewers.

Callbacks store the newest messages; a timer publishes at a bounded rate what has a subscriber. It sends nothing to the
robot, and no other node waits for it.
"""

import time
from functools import partial
from typing import Any

from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path
from visualization_msgs.msg import Marker, MarkerArray

from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.qos import NEWEST
from zprl_msgs.msg import ArmStatus
from zprl_view.ros import markers
from zprl_view.ros.captions import Captions
from zprl_view.ros.image_relay import ImageRelay
from zprl_view.ros.link_frames import LinkFrames
from zprl_view.settings import ViewSettings
from zprl_view.trail import Trail, TrailPoint

TEXT_ABOVE_M = 0.08  # of the workspace box


class ViewNode(ManagedNode):
    """Shows one robot, with one arm or several."""

    def __init__(self) -> None:
        super().__init__("view")
        parameters.declare(self, ViewSettings())

    def configure(self) -> None:
        s = self._settings = parameters.read(self, ViewSettings, ViewSettings())
        self._markers = topics.VIEW_MARKERS.publisher(self)
        self._captions = Captions(self, s.robot)
        self._trails = {arm: Trail(s.trail_s) for arm in s.arm_names}
        self._objects: dict[str, PoseStamped] = {}
        self._statuses: dict[str, ArmStatus] = {}
        self._plans: dict[tuple[str, str], Path] = {}
        self._next_s = 0.0
        for arm in s.arm_names:
            topics.ARM_STATUS.under(arm).subscribe(self, partial(self._on_status, arm), NEWEST)
            topics.CURRENT_POSE.under(arm).subscribe(self, partial(self._on_pose, arm), NEWEST)
            topics.PLAN.under(arm).subscribe(self, partial(self._on_plan, arm, "plan"), NEWEST)
            topics.BASE_PLAN.under(arm).subscribe(self, partial(self._on_plan, arm, "base plan"), NEWEST)
        for name in s.objects:
            topics.OBJECT_POSE.of(name).subscribe(self, partial(self._on_object, name), NEWEST)
        # With several arms the names of links repeat, and nothing says where each base stands.
        self._links = LinkFrames(self, s.mesh_url, s.frame_prefix) if s.arm_names == ("",) else None
        self._images = [ImageRelay(self, camera, s.image_rate, s.jpeg_quality) for camera in s.cameras]

    def wait_s(self) -> float:
        return 0.05

    def step(self) -> None:
        """Publishes when it is due."""
        now_s = time.monotonic()
        if not self.active or now_s < self._next_s:
            return
        self._next_s = now_s + 1.0 / self._settings.rate
        if self._links is not None:
            self._links.publish()
        if self._markers.get_subscription_count():
            self._markers.publish(MarkerArray(markers=self._shown()))

    def _shown(self) -> list[Marker]:
        s, at = self._settings, markers.fixed(self._settings.frame)
        shown = [markers.thing(name, pose.header, pose.pose) for name, pose in self._objects.items()]
        if s.low != s.high:
            shown.append(markers.box_edges("workspace", at, s.low, s.high))
        if s.goal_low != s.goal_high and (not s.goal_around or s.goal_around in self._objects):
            around = self._objects[s.goal_around].pose if s.goal_around else None
            shown.append(markers.region("goal", at, s.goal_low, s.goal_high, around))
        for arm, trail in self._trails.items():
            shown.append(markers.trail(_named(arm, "trail"), at, trail.points))
            if arm in self._statuses and not self._statuses[arm].executed_joints:
                shown.append(markers.target(_named(arm, "target"), at, self._statuses[arm].executed_target))
        for (arm, name), path in self._plans.items():
            rgb = markers.BLUE if name == "plan" else markers.BROWN
            shown.extend(markers.plan(_named(arm, name), path, rgb))
        middle = [(a + b) / 2 for a, b in zip(s.low, s.high, strict=True)]
        shown.append(markers.text("state", at, self._captions.text, (middle[0], middle[1], s.high[2] + TEXT_ABOVE_M)))
        return shown

    def _on_status(self, arm: str, message: ArmStatus) -> None:
        self._statuses[arm] = message
        self._captions.on_arm(arm, message)

    def _on_pose(self, arm: str, message: PoseStamped) -> None:
        position, status = message.pose.position, self._statuses.get(arm)
        clipped = status is not None and status.clipped
        point = TrailPoint(ns_from(message.header.stamp), (position.x, position.y, position.z), clipped)
        self._trails[arm].add(point)

    def _on_plan(self, arm: str, name: str, message: Path) -> None:
        self._plans[arm, name] = message

    def _on_object(self, name: str, message: PoseStamped) -> None:
        self._objects[name] = message

    def health(self) -> tuple[str, dict[str, Any]]:
        silent = [name for name in self._settings.objects if name not in self._objects]
        problem = f"no pose of {', '.join(silent)} yet" if silent else ""
        if self._links is not None and self._links.problem:
            problem = self._links.problem
        return problem, {"viewers": self._markers.get_subscription_count()}


def _named(arm: str, name: str) -> str:
    return f"{arm} {name}" if arm else name


def main() -> None:
    """Runs the view node."""
    run(ViewNode)


if __name__ == "__main__":
    main()
