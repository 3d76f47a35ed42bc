"""The transforms of a bag up to the message that was read last, as a policy knew them."""

from rclpy.serialization import deserialize_message
from tf2_msgs.msg import TFMessage

from zprl_core import topic_names
from zprl_core.bags.bag_reader import BagMessage
from zprl_core.frame_tree import FrameTree, plain
from zprl_core.ros.transforms import take_transforms

TOPICS = (topic_names.TF, topic_names.TF_STATIC)
HISTORY_S = 3.0  # how long transforms are kept


class BagFrames:
    """Messages must be taken in their order."""

    def __init__(self, names: dict[str, str] | None = None):
        """`names`: frames that the streams call otherwise, each with that name."""
        self.tree = FrameTree(HISTORY_S)
        self._names = {plain(frame): name for frame, name in (names or {}).items()}

    def take(self, message: BagMessage) -> bool:
        """Takes a message of tf. False for one of another topic."""
        if message.topic not in TOPICS:
            return False
        content = deserialize_message(message.data, TFMessage)
        for t in content.transforms:
            t.header.frame_id = self._named(t.header.frame_id)
            t.child_frame_id = self._named(t.child_frame_id)
        take_transforms(self.tree, content, message.received_ns * 1e-9, message.topic == topic_names.TF_STATIC)
        return True

    def _named(self, frame: str) -> str:
        return self._names.get(plain(frame), frame)
