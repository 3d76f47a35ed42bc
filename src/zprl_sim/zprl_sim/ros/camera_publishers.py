"""Publishers of simulated cameras: images and their intrinsics."""

import array
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from zprl_core.geometry import quaternion_from
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.interfaces import Topic
from zprl_core.streams.camera_model import CameraModel

Pixels = npt.NDArray[np.uint8]
Millimeters = npt.NDArray[np.uint16]


class CameraPublisher:
    """The publishers of one camera, which may belong to an arm, as in left/wrist."""

    def __init__(self, camera: str, fovy_deg: float, add: Callable[[Topic[Any]], Any]):
        """`add` makes a publisher of a topic; `fovy_deg` is the vertical field of view [degrees]."""
        self.camera, self.fovy_deg, self._add = camera, fovy_deg, add
        self.frame = f"{camera}_optical_frame"
        self.arm, _, name = camera.rpartition("/")
        self._image = self._add(topics.COLOR_IMAGE.of(name).under(self.arm))
        self._info = self._add(topics.COLOR_INFO.of(name).under(self.arm))

    def publish(self, image: Pixels, stamp_ns: int) -> None:
        """Publishes an RGB image (h, w, 3) and its intrinsics."""
        header = Header(stamp=time_from(stamp_ns), frame_id=self.frame)
        self._info.publish(info_message(image.shape[1], image.shape[0], self.fovy_deg, header))
        self._image.publish(image_message(image, header))


class DepthPublisher:
    """The publishers of one camera's depth in the pixels of its color images, in the same optical frame."""

    def __init__(self, color: CameraPublisher, add: Callable[[Topic[Any]], Any]):
        """`add` makes a publisher of a topic."""
        self.camera, self._color, self._add = color.camera, color, add
        name = color.camera.rpartition("/")[2]
        self._image = self._add(topics.ALIGNED_IMAGE.of(name).under(color.arm))
        self._info = self._add(topics.ALIGNED_INFO.of(name).under(color.arm))

    def publish(self, depth: Millimeters, stamp_ns: int) -> None:
        """Publishes distances (h, w) [mm] and the intrinsics of their pixels."""
        header = Header(stamp=time_from(stamp_ns), frame_id=self._color.frame)
        self._info.publish(info_message(depth.shape[1], depth.shape[0], self._color.fovy_deg, header))
        self._image.publish(depth_message(depth, header))


def mount_message(camera: CameraModel, optical_frame: str, stamp_ns: int) -> TransformStamped:
    """Returns the transform of a camera's optical frame in the frame that it is mounted to."""
    header = Header(stamp=time_from(stamp_ns), frame_id=camera.frame)
    message = TransformStamped(header=header, child_frame_id=optical_frame)
    shift, turn = message.transform.translation, message.transform.rotation
    shift.x, shift.y, shift.z = camera.position
    turn.x, turn.y, turn.z, turn.w = quaternion_from(camera.pose)
    return message


def mounts_message(cameras: Mapping[str, CameraModel], stamp_ns: int) -> TFMessage:
    """Returns the transforms of cameras, by optical frame, whose mount is known."""
    return TFMessage(transforms=[mount_message(c, frame, stamp_ns) for frame, c in cameras.items() if c.frame])


def image_message(image: Pixels, header: Header) -> Image:
    """Returns the message of an RGB image (h, w, 3), as an array.array, which rclpy copies in one piece."""
    height, width, _ = image.shape
    data = array.array("B", image.tobytes())
    return Image(header=header, height=height, width=width, encoding="rgb8", step=3 * width, data=data)


def depth_message(depth: Millimeters, header: Header) -> Image:
    """Returns the message of distances (h, w) [mm], as 16UC1."""
    height, width = depth.shape
    data = array.array("B", depth.astype("<u2").tobytes())
    return Image(header=header, height=height, width=width, encoding="16UC1", step=2 * width, data=data)


def info_message(width: int, height: int, fovy_deg: float, header: Header) -> CameraInfo:
    """Returns the intrinsics of a camera without distortion, whose pixels are square and whose axis is in the middle.

    The middle of the first pixel is at 0, as in OpenCV.
    """
    f, cx, cy = height / 2 / math.tan(math.radians(fovy_deg) / 2), (width - 1) / 2, (height - 1) / 2
    return CameraInfo(
        header=header,
        width=width,
        height=height,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )
