"""Topics of the simulated controllers: state as broadcasters publish it, commands as controllers check them."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped, TransformStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray, Header, String
from tf2_msgs.msg import TFMessage
from trajectory_msgs.msg import JointTrajectory

from zprl_core.arm_model import FR3
from zprl_core.arms.fr3 import HAND, HAND_M, urdf
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from, time_from
from zprl_core.ros.poses import tilted_tool_from
from zprl_core.ros.qos import STATE
from zprl_sim.controlled_arm import ControlledArm
from zprl_sim.controller_settings import Controller, ControllerSettings
from zprl_sim.rendering import mujoco


class StateTopics:
    """Publishes joint_states in another order than the arm's, with the fingers; tf as a chain; the URDF, latched."""

    def __init__(self, node: Node, arm: ControlledArm, settings: ControllerSettings):
        self._arm = arm
        self._joints = node.create_publisher(JointState, settings.joint_states, STATE)
        self._pose = node.create_publisher(PoseStamped, settings.current_pose, STATE)
        self._tf = topics.TF.publisher(node)
        self._static = topics.TF_STATIC.publisher(node)
        self._description = topics.ROBOT_DESCRIPTION.under("/").publisher(node)  # as a driver
        self._description.publish(String(data=urdf()))
        tool = TransformStamped(header=Header(frame_id=HAND), child_frame_id=FR3.tool_frame)
        tool.transform.translation.z = HAND_M
        self._static.publish(TFMessage(transforms=[tool]))

    def publish(self, stamp_ns: int) -> None:
        """Publishes the state after a control cycle."""
        robot, header = self._arm.robot, Header(stamp=time_from(stamp_ns), frame_id=FR3.base_frame)
        names = (*FR3.fingers, *reversed(FR3.joints))
        order = [7, 8, *range(6, -1, -1)]
        q, v = robot.joint_positions[order].tolist(), robot.joint_velocities[order].tolist()
        self._joints.publish(JointState(header=header, name=names, position=q, velocity=v))
        site = robot.kinematics.site
        quaternion = np.zeros(4)
        mujoco.mju_mat2Quat(quaternion, robot.data.site_xmat[site])
        pose = PoseStamped(header=header)
        p, r = pose.pose.position, pose.pose.orientation
        p.x, p.y, p.z = robot.data.site_xpos[site].tolist()
        r.w, r.x, r.y, r.z = quaternion.tolist()
        self._pose.publish(pose)
        hand = TransformStamped(header=header, child_frame_id=HAND)
        t = hand.transform.translation
        t.x, t.y, t.z = (robot.data.site_xpos[site] - HAND_M * robot.data.site_xmat[site][[2, 5, 8]]).tolist()
        hand.transform.rotation = r
        self._tf.publish(TFMessage(transforms=[hand]))


class CommandTopic:
    """The topic of one controller. Commands that it cannot follow are refused, logged and counted."""

    def __init__(self, node: Node, arm: ControlledArm, settings: ControllerSettings):
        self.active = True
        self.refused = 0
        self._node, self._arm = node, arm
        kind, topic, take = {
            Controller.FORWARD_POSITION: (Float64MultiArray, settings.forward_commands, self._positions),
            Controller.JOINT_TRAJECTORY: (JointTrajectory, settings.trajectory_commands, self._trajectory),
            Controller.CARTESIAN: (PoseStamped, settings.target_pose, self._pose),
        }[settings.controller]
        node.create_subscription(kind, topic, partial(self._on_command, take), STATE)

    def _on_command(self, take: Callable[[Any], None], message: Any) -> None:
        if not self.active:
            return
        try:
            take(message)
        except ValueError as error:
            self.refused += 1
            self._node.get_logger().error(str(error), throttle_duration_sec=1.0)

    def _positions(self, message: Float64MultiArray) -> None:
        self._arm.command_positions(message.data)

    def _trajectory(self, message: JointTrajectory) -> None:
        """Checks as joint_trajectory_controller does; of several points only the last is followed."""
        if sorted(message.joint_names) != sorted(FR3.joints):
            raise ValueError(
                f"the trajectory has the joints {list(message.joint_names)}, the controller has {list(FR3.joints)}"
            )
        if not message.points:
            raise ValueError("the trajectory is empty")
        last = message.points[-1]
        if len(last.positions) != len(message.joint_names):
            raise ValueError(
                f"the last point has {len(last.positions)} positions for {len(message.joint_names)} joints"
            )
        if any(abs(v) > 1e-9 for v in last.velocities):
            raise ValueError("the velocity of the last point is not zero")
        seconds = ns_from(last.time_from_start) * 1e-9
        stamp_s = ns_from(message.header.stamp) * 1e-9
        if stamp_s and stamp_s + seconds < time.time():
            raise ValueError("the trajectory has a start time and ends in the past")
        order = [list(message.joint_names).index(name) for name in FR3.joints]
        self._arm.command_trajectory([last.positions[i] for i in order], seconds)

    def _pose(self, message: PoseStamped) -> None:
        """Ignores the frame, as CRISP's controllers do."""
        self._arm.command_pose(tilted_tool_from(message.pose))
