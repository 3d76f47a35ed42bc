"""One of two nodes that the doctor starts: dds_probe.py talk|listen SECONDS SETTLE.

The talker publishes camera images. The listener prints a JSON report of arrivals and other nodes on its last line.
"""

import array
import json
import signal
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

from zprl_core.ros.conversions import ns_from, time_from

TALKER, LISTENER = "zprl_doctor_talk", "zprl_doctor_listen"
WIDTH, HEIGHT, HZ = 640, 480, 30.0
IMAGES = 30  # images to wait for after the first
QUALITY = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)  # as cameras publish


def talk(node: Node, seconds: float) -> None:
    """Publish images, numbered in their frame_id, until the doctor stops the process."""
    enough = threading.Event()
    # A killed node leaves its 35 MB of shared memory behind.
    signal.signal(signal.SIGTERM, lambda number, frame: enough.set())
    publisher = node.create_publisher(Image, "/doctor/image", QUALITY)
    pixels = array.array("B", bytes(3 * WIDTH * HEIGHT))
    message = Image(height=HEIGHT, width=WIDTH, encoding="rgb8", step=3 * WIDTH)
    message.data = pixels
    began, number = time.monotonic(), 0
    while time.monotonic() < began + seconds and not enough.is_set():
        message.header.frame_id = str(number)
        message.header.stamp = time_from(time.monotonic_ns())  # the wall clock may be set; both are on this machine
        publisher.publish(message)
        number += 1
        enough.wait(max(0.0, began + number / HZ - time.monotonic()))


def listen(node: Node, seconds: float, settle_s: float) -> None:
    """Wait for the images, and at least for `settle_s`; print the report."""
    numbers: list[int] = []
    ages_ms: list[float] = []

    def hear(message: Image) -> None:
        numbers.append(int(message.header.frame_id))
        ages_ms.append((time.monotonic_ns() - ns_from(message.header.stamp)) / 1e6)

    node.create_subscription(Image, "/doctor/image", hear, QUALITY)
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    began, found_s, heard_s = time.monotonic(), None, None
    after = 0.0
    while after < seconds and not (after > settle_s and numbers and numbers[-1] - numbers[0] >= IMAGES):
        executor.spin_once(timeout_sec=0.05)
        after = time.monotonic() - began
        if found_s is None and TALKER in node.get_node_names():
            found_s = after
        if heard_s is None and numbers:
            heard_s = after
    names = [f"{space.rstrip('/')}/{name}" for name, space in node.get_node_names_and_namespaces()]
    others = sorted(name for name in names if name not in (f"/{TALKER}", f"/{LISTENER}"))
    sent = numbers[-1] - numbers[0] + 1 if numbers else 0
    heard = {"found_s": found_s, "heard_s": heard_s, "sent": sent, "heard": len(numbers), "ages_ms": ages_ms}
    print(json.dumps({**heard, "others": others}), flush=True)


def main() -> None:
    """Entry point."""
    role, seconds, settle_s = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    arguments = ["--ros-args", "--disable-external-lib-logs", "--enclave", "/doctor"]  # no log file, hence no HOME
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    node = Node(TALKER if role == "talk" else LISTENER, enable_rosout=False, start_parameter_services=False)
    talk(node, seconds) if role == "talk" else listen(node, seconds, settle_s)
    node.destroy_node()
    rclpy.shutdown()


if __name__ == "__main__":
    main()
