"""Publishes the frames of a robot's links and a robot description with shapes, as robot_state_publisher would.

The frames have a prefix: a frame has one parent only, and the arm's node publishes that of the tool.
"""

import numpy as np
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from zprl_core.geometry import Matrix, position_from, quaternion_from
from zprl_core.ros import topics
from zprl_core.ros.qos import NEWEST
from zprl_view.link_tree import FIXED, Joint, joints_of, roots
from zprl_view.shapes import with_shapes


class LinkFrames:
    """Hears robot_description and joint_states; `problem` says why no frames are published."""

    def __init__(self, node: Node, mesh_url: str, prefix: str):
        self._node, self._mesh_url, self._prefix = node, mesh_url, prefix
        self.problem = ""
        self._joints: tuple[Joint, ...] = ()
        self._newest: JointState | None = None
        self._described = topics.VIEW_DESCRIPTION.publisher(node)
        self._tf, self._tf_static = topics.TF.publisher(node), topics.TF_STATIC.publisher(node)
        topics.ROBOT_DESCRIPTION.subscribe(node, self._on_description)
        topics.JOINT_STATES.subscribe(node, self._on_joints, NEWEST)

    def publish(self) -> None:
        """Publish the frames of the newest joint positions, once."""
        state, self._newest = self._newest, None
        if state is None:
            return
        positions = dict(zip(state.name, state.position, strict=False))
        moving = [joint for joint in self._joints if joint.kind not in FIXED]
        found = [(joint, joint.transform(positions)) for joint in moving]
        transforms = [self._transform(j.parent, j.child, m, state.header.stamp) for j, m in found if m is not None]
        if transforms:
            self._tf.publish(TFMessage(transforms=transforms))

    def _on_description(self, message: String) -> None:
        try:
            self._joints, self.problem = joints_of(message.data), ""
        except ValueError as error:
            self._joints, self.problem = (), str(error)
            return
        self._described.publish(String(data=with_shapes(message.data, self._mesh_url)))
        stamp = self._node.get_clock().now().to_msg()
        fixed = [self._transform(j.parent, j.child, j.origin, stamp) for j in self._joints if j.kind in FIXED]
        if self._prefix:
            fixed += [_transform(root, self._prefix + root, np.eye(4), stamp) for root in roots(self._joints)]
        self._tf_static.publish(TFMessage(transforms=fixed))

    def _on_joints(self, message: JointState) -> None:
        self._newest = message

    def _transform(self, parent: str, child: str, matrix: Matrix, stamp: object) -> TransformStamped:
        return _transform(self._prefix + parent, self._prefix + child, matrix, stamp)


def _transform(parent: str, child: str, matrix: Matrix, stamp: object) -> TransformStamped:
    (x, y, z), (a, b, c, w) = position_from(matrix), quaternion_from(matrix)
    made = TransformStamped(child_frame_id=child)
    made.header.frame_id, made.header.stamp = parent, stamp
    made.transform = Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=a, y=b, z=c, w=w))
    return made
