"""Publishers of a simulated scene next to an arm node: objects, success, and what cameras render."""

import array
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from std_msgs.msg import Header

from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import object_message
from zprl_msgs.msg import SuccessDetection, VectorStamped
from zprl_sim.scene_settings import SceneSettings


class TaskPublishers:
    """Publishes the perceived objects of a task and whether it succeeds, and counts the steps of an episode."""

    def __init__(self, node: Node, settings: SceneSettings):
        task = self._task = settings.sim_task
        self.steps = 0
        self._off = task.mismatch.seen_off_by if settings.deployed else (0.0, 0.0, 0.0)
        self._limit = settings.patience * task.time_limit
        self._objects = {name: topics.OBJECT_POSE.of(name).publisher(node) for name in task.objects}
        self._success = topics.SUCCESS.publisher(node)

    def publish_task(self, stamp_ns: int, things: Mapping[str, Pose], success: bool) -> None:
        """Publishes the perceived objects, and whether the episode is over, after a control step."""
        self.steps += 1
        header = Header(stamp=time_from(stamp_ns), frame_id=FR3.base_frame)
        for name, pose in things.items():
            seen = self._task.perceived(pose, self._off)
            self._objects[name].publish(PoseStamped(header=header, pose=object_message(seen)))
        ended = success or self.steps >= self._limit
        self._success.publish(SuccessDetection(header=header, success=success, ended=ended, step=self.steps))


class ScenePublishers(TaskPublishers):
    """Publishes a simulated scene: the task, and what cameras render."""

    def __init__(self, node: Node, settings: SceneSettings):
        super().__init__(node, settings)
        self._state = topics.SCENE_STATE.publisher(node)

    def publish(
        self, stamp_ns: int, things: Mapping[str, Pose], success: bool, positions: npt.NDArray[np.float64]
    ) -> None:
        """Publishes the scene after a control step. `positions`: all of it, for a node that renders it."""
        header = Header(stamp=time_from(stamp_ns), frame_id=FR3.base_frame)
        self._state.publish(VectorStamped(header=header, values=array.array("d", positions.tobytes())))
        self.publish_task(stamp_ns, things, success)
