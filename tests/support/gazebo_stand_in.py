"""MuJoCo in the place of Gazebo: controllers as gz_ros2_control has them, and what the bridge passes of the scene.

It shows names, types and the order of events, but neither Gazebo's physics nor its programs.
"""

from typing import Any

from geometry_msgs.msg import PoseStamped
from ros_gz_interfaces.srv import SetEntityPose

from zprl_core.ros.managed_node import run
from zprl_core.ros.qos import STATE
from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.rendering import mujoco
from zprl_sim.ros.controller_node import ControllerNode

EVERY = 2  # control cycles of 10 ms between two poses, as update_frequency in the world


class GazeboStandIn(ControllerNode):
    """Poses of the objects, and set_pose, which answers before the object has moved."""

    def configure(self) -> None:
        super().configure()
        names = GazeboSceneSettings()
        self._poses = {
            name: self.create_publisher(PoseStamped, names.pose_topic.format(name=name), STATE)
            for name in names.task.objects
        }
        self._queued: list[Any] = []
        self._count = 0
        self.create_service(SetEntityPose, names.set_pose, self._on_set_pose)

    def step(self) -> None:
        before = self._cycles
        super().step()
        if self._cycles == before:
            return
        self._count += 1
        for request in self._queued:
            self._move(request.entity.name, request.pose)
        self._queued.clear()
        if self._count % EVERY == 0:
            for name, publisher in self._poses.items():
                publisher.publish(self._seen(name))

    def _on_set_pose(self, request: Any, response: Any) -> Any:
        self._queued.append(request)
        response.success = request.entity.name in self._poses
        return response

    def _move(self, name: str, pose: Any) -> None:
        model, data = self._robot.model, self._robot.data
        p, q = pose.position, pose.orientation
        body = model.body(name)
        if body.jntnum[0]:
            at, speed = int(model.jnt_qposadr[body.jntadr[0]]), int(model.jnt_dofadr[body.jntadr[0]])
            data.qpos[at : at + 7], data.qvel[speed : speed + 6] = (p.x, p.y, p.z, q.w, q.x, q.y, q.z), 0.0
        else:
            model.body_pos[body.id], model.body_quat[body.id] = (p.x, p.y, p.z), (q.w, q.x, q.y, q.z)
        mujoco.mj_forward(model, data)

    def _seen(self, name: str) -> PoseStamped:
        """The stamp is simulated time, which begins at 0."""
        body, message = self._robot.data.body(name), PoseStamped()
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(self._count * 10_000_000, 1_000_000_000)
        message.header.frame_id = "pick_to_tray"
        p, q = message.pose.position, message.pose.orientation
        p.x, p.y, p.z = body.xpos.tolist()
        q.w, q.x, q.y, q.z = body.xquat.tolist()
        return message


if __name__ == "__main__":
    run(GazeboStandIn)
