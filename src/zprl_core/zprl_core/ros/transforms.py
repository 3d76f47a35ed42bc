"""Takes the transforms of tf messages into a `FrameTree`."""

from tf2_msgs.msg import TFMessage

from zprl_core.frame_tree import FrameTree
from zprl_core.geometry import matrix_from
from zprl_core.ros.conversions import ns_from


def take_transforms(tree: FrameTree, message: TFMessage, received_s: float, static: bool) -> list[str]:
    """Takes the transforms of a message of /tf, or /tf_static with `static`. Returns why some are refused."""
    refused = []
    for t in message.transforms:
        p, q = t.transform.translation, t.transform.rotation
        try:
            matrix = matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w))
        except ValueError as error:
            refused.append(f"the transform of {t.child_frame_id[:100]!r} on tf is refused: {error}")
            continue
        tree.update(t.header.frame_id, t.child_frame_id, matrix, received_s, static, ns_from(t.header.stamp))
    return refused
