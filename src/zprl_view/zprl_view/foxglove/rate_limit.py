"""Limits how often the messages of a topic are sent to viewers."""

IMAGES = frozenset({"sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/PointCloud2"})
# Messages that replace the one before them. Others, such as transforms and episode events, add to it.
STATES = frozenset({
    "geometry_msgs/msg/PoseStamped", "geometry_msgs/msg/TwistStamped", "geometry_msgs/msg/WrenchStamped",
    "rosgraph_msgs/msg/Clock", "sensor_msgs/msg/CameraInfo", "sensor_msgs/msg/JointState", "sensor_msgs/msg/Joy",
    "zprl_msgs/msg/ArmCommand", "zprl_msgs/msg/ArmStatus", "zprl_msgs/msg/Teleop", "zprl_msgs/msg/VectorStamped",
})  # fmt: skip


class RateLimit:
    """Admits the messages of one topic."""

    def __init__(self, rate: float):
        """`rate`: the most messages in a second; inf: every message."""
        self._period_s, self._next_s = 1.0 / rate, float("-inf")

    def admits(self, now_s: float) -> bool:
        """Returns whether a message of now is sent. Times [s] never decrease."""
        if now_s < self._next_s:
            return False
        # Messages that come a little early and late keep the rate; after a pause two may follow each other at once.
        self._next_s = max(self._next_s + self._period_s, now_s)
        return True


def rate_of(kind: str, image_rate: float, state_rate: float) -> float:
    """Returns the rate [Hz] at which messages of this type are sent; inf: every one is."""
    if kind in IMAGES:
        return image_rate
    return state_rate if kind in STATES else float("inf")
