"""Converts frames, intrinsics and transforms to the messages of realsense-ros."""

import array

import cv2
import numpy as np
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from zprl_core.geometry import Matrix, position_from, quaternion_from
from zprl_core.ros.conversions import time_from
from zprl_hardware.cameras.camera import Color, Depth, Intrinsics


def make_header(frame_id: str, stamp_ns: int) -> Header:
    """Make a header."""
    return Header(stamp=time_from(stamp_ns), frame_id=frame_id)


def color_message(color: Color, header: Header) -> Image:
    """Image of (h, w, 3) RGB. rclpy accepts an array.array without checking each byte."""
    return _image(color, "rgb8", 3 * color.shape[1], header)


def depth_message(depth: Depth, header: Header) -> Image:
    """Depth image of (h, w) [mm], 0 where unknown."""
    return _image(depth.astype("<u2", copy=False), "16UC1", 2 * depth.shape[1], header)


def jpeg_message(color: Color, quality: int, header: Header) -> CompressedImage:
    """Compressed image of (h, w, 3) RGB as JPEG."""
    bgr = cv2.cvtColor(color, cv2.COLOR_RGB2BGR)
    return _compressed(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality], "rgb8; jpeg compressed bgr8", header)


def png_message(depth: Depth, header: Header) -> CompressedImage:
    """Compressed depth image of (h, w) [mm] as lossless PNG."""
    return _compressed(".png", depth, [cv2.IMWRITE_PNG_COMPRESSION, 1], "16UC1; png compressed ", header)


def info_message(intrinsics: Intrinsics | None, size: tuple[int, int], header: Header) -> CameraInfo:
    """Camera info with plumb_bob distortion. Without intrinsics K is 0, which means not calibrated."""
    message = CameraInfo(header=header, width=size[0], height=size[1])
    if intrinsics is None:
        return message
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    message.distortion_model, message.d = "plumb_bob", list(intrinsics.distortion)
    message.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return message


def transform_message(child: str, pose: Matrix, header: Header) -> TransformStamped:
    """Transform for the pose (4, 4) of the frame `child` in the header's frame."""
    message = TransformStamped(header=header, child_frame_id=child)
    shift, turn = message.transform.translation, message.transform.rotation
    shift.x, shift.y, shift.z = position_from(pose)
    turn.x, turn.y, turn.z, turn.w = quaternion_from(pose)
    return message


def _image(pixels: Color | Depth, encoding: str, step: int, header: Header) -> Image:
    height, width = pixels.shape[:2]
    data = array.array("B", np.ascontiguousarray(pixels).tobytes())
    return Image(header=header, height=height, width=width, encoding=encoding, step=step, data=data)


def _compressed(kind: str, pixels: np.ndarray, options: list[int], form: str, header: Header) -> CompressedImage:
    done, encoded = cv2.imencode(kind, pixels, options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode an image of {pixels.shape} as {kind}")
    return CompressedImage(header=header, format=form, data=array.array("B", encoded.tobytes()))
