"""Two cameras at 30 Hz: noise, of which a policy hears the first image once it listens. Used by realtime.py.

    python benchmarks/camera_source.py WIDTH HEIGHT IMAGES [ROS arguments]

Publishes IMAGES of each camera, and then nothing.
"""

import sys
import time
from contextlib import suppress

import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node

from zprl_core.ros import topics
from zprl_core.ros.qos import IMAGES
from zprl_sim.ros.camera_publishers import CameraPublisher

PERIOD_S = 1.0 / 30.0
CAMERAS = ("front", "wrist")
DIFFERENT = 10  # images, which are repeated


def main() -> None:
    width, height, count = map(int, sys.argv[1:4])
    rclpy.init()
    node = Node("camera_source")
    cameras = [
        CameraPublisher(name, 45.0, lambda topic: node.create_publisher(topic.type, topic.name, IMAGES))
        for name in CAMERAS
    ]
    images = np.random.default_rng(0).integers(0, 256, (DIFFERENT, height, width, 3), np.uint8)
    names = [topics.COLOR_IMAGE.of(name).name for name in CAMERAS]
    while not all(node.count_subscribers(name) for name in names):
        rclpy.spin_once(node, timeout_sec=0.1)
    time.sleep(1.0)  # until both sides have discovered each other
    due = time.monotonic()
    for k in range(count):
        stamp_ns = node.get_clock().now().nanoseconds
        for camera in cameras:
            camera.publish(images[k % DIFFERENT], stamp_ns)
        due += PERIOD_S
        time.sleep(max(0.0, due - time.monotonic()))
    with suppress(ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    main()
