"""Compresses the images among the messages of a bag."""

from dataclasses import replace

from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image

from zprl_core import topic_names
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.ros.compressed_images import compressed

IMAGE, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"


class ImagePacker:
    """Gives images another form. What is no image, or one that cannot be compressed, stays as it was published."""

    def __init__(self, images: BagImages, quality: int):
        """`quality`: of JPEG, 1 to 100. Raises ValueError when the type of compressed images is not installed."""
        self._images, self._quality = images, quality
        self._description = BagTopic("", COMPRESSED, definition(COMPRESSED), type_hash(COMPRESSED))

    def pack(self, topic: BagTopic, data: bytes) -> tuple[BagTopic, bytes]:
        """Returns topic and serialized message as a bag keeps them; the quality of service stays the publisher's."""
        if topic.type != IMAGE:
            return topic, data
        try:
            message = compressed(deserialize_message(data, Image), self._images, self._quality)
        except (ValueError, RuntimeError):  # size and data disagree, or it is no message of this type
            return topic, data
        if message is None:
            return topic, data
        packed = replace(self._description, name=topic_names.compressed_of(topic.name), qos=topic.qos)
        return packed, serialize_message(message)
