"""Compresses the images among the messages of one bag."""

from dataclasses import replace

import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image

from zprl_core import topic_names
from zprl_core.bags.bag_images import CRF, MOST_PIXELS, BagImages
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.compressed_video import TYPE_HASH, VIDEO, CompressedVideo, video_definition
from zprl_core.bags.h264 import H264Encoder, pyav
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.ros.compressed_images import compressed
from zprl_core.ros.conversions import ns_from, rows_from

IMAGE, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
ORDERS = {"rgb8": "rgb24", "bgr8": "bgr24"}  # encodings that become video, in FFmpeg's words


class ImagePacker:
    """Gives images another form. What is no image, or one that cannot be compressed, stays as it was published."""

    def __init__(self, images: BagImages, quality: int, crf: int = CRF):
        """`quality`: of JPEG, 1 to 100. `crf`: of H.264, 0 to 51.

        Raises ValueError when the type of compressed images, or PyAV for video, is not installed.
        """
        if images == BagImages.H264:
            pyav()
        self._images, self._quality, self._crf = images, quality, crf
        self._compressed = BagTopic("", COMPRESSED, definition(COMPRESSED), type_hash(COMPRESSED))
        self._video = BagTopic("", VIDEO, video_definition(), TYPE_HASH)
        self._encoders: dict[tuple[str, int, int], H264Encoder] = {}  # by topic, width and height

    def pack(self, topic: BagTopic, data: bytes) -> tuple[BagTopic, bytes]:
        """Returns topic and serialized message as a bag keeps them; the quality of service stays the publisher's."""
        if topic.type != IMAGE:
            return topic, data
        try:
            image = deserialize_message(data, Image)
            if self._images == BagImages.H264 and _can_be_video(image):
                frame = self._frame(topic.name, image)
                return replace(self._video, name=topic_names.video_of(topic.name), qos=topic.qos), frame
            message = compressed(image, self._images, self._quality)
        except (ValueError, RuntimeError):  # size and data disagree, or it is no message of this type
            return topic, data
        if message is None:
            return topic, data
        packed = replace(self._compressed, name=topic_names.compressed_of(topic.name), qos=topic.qos)
        return packed, serialize_message(message)

    def _frame(self, topic: str, image: Image) -> bytes:
        """Returns the image as the next frame of its video. Raises ValueError when size and data disagree."""
        pixels = np.ascontiguousarray(rows_from(image, 3)).reshape(image.height, image.width, 3)
        key = topic, image.width, image.height
        if key not in self._encoders:
            self._encoders = {one: encoder for one, encoder in self._encoders.items() if one[0] != topic}
            self._encoders[key] = H264Encoder(image.width, image.height, self._crf)
        data = self._encoders[key].encode(pixels, ORDERS[image.encoding])
        return CompressedVideo(ns_from(image.header.stamp), image.header.frame_id, data).serialized()


def _can_be_video(image: Image) -> bool:
    even = not (image.width % 2 or image.height % 2)
    return even and 0 < image.width * image.height <= MOST_PIXELS and image.encoding in ORDERS
