"""Keeps the newest image of each camera that is shown, as JPEG. Usable from any thread."""

import re
import threading
import time
from types import TracebackType
from typing import Any

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image

from zprl_console.frame import Frame
from zprl_core.bags.bag_images import BagImages
from zprl_core.ros import topics
from zprl_core.ros.compressed_images import compressed
from zprl_core.ros.qos import NEWEST

RATE_HZ = 5.0
QUALITY = 70
WATCHED_S = 3.0  # a camera for which no page has asked that long is no longer subscribed
LOOK_S = 1.0  # time between two looks at which cameras there are
NAME = re.compile(r"((?:[A-Za-z_]\w*/)?)" + re.escape(topics.COLOR_IMAGE.name).replace(r"\{name\}", r"([A-Za-z_]\w*)"))


class CameraLink:
    """Use it with `with`, inside that of the panel's link. A thread and a node of its own: images delay no button."""

    def __init__(self, context: Context, namespace: str = ""):
        """`context`: of the panel's link. `namespace`: of the robot."""
        self._context, self._space = context, f"/{namespace}/" if namespace else "/"
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._names: tuple[str, ...] = ()
        self._watched_s: dict[str, float] = {}
        self._frames: dict[str, Frame] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._look_s = 0.0

    def __enter__(self) -> "CameraLink":
        self._node = Node(
            "_zprl_console_cameras", context=self._context, enable_rosout=False, start_parameter_services=False
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name="cameras", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5.0)
        self._executor.shutdown()
        self._node.destroy_node()

    def names(self) -> tuple[str, ...]:
        """Return the cameras of the robot, such as front, or left/wrist for one that belongs to an arm."""
        with self._lock:
            return self._names

    def frame(self, name: str) -> Frame | None:
        """Return the newest image of a camera, and note that it is watched; None before the first one."""
        with self._lock:
            if name in self._names:
                self._watched_s[name] = time.monotonic()
            return self._frames.get(name)

    def newest(self) -> bytes:
        """Return the newest image of the first camera that is watched, without watching it; b"" if there is none."""
        with self._lock:
            return next((self._frames[name].jpeg for name in self._names if name in self._frames), b"")

    def _spin(self) -> None:
        while not self._stop.is_set():
            self._executor.spin_once(timeout_sec=0.1)
            now_s = time.monotonic()
            if now_s > self._look_s:
                self._look_s = now_s + LOOK_S
                self._look()
            self._follow_watchers(now_s)

    def _look(self) -> None:
        found = []
        for topic, types in self._node.get_topic_names_and_types():
            match = NAME.fullmatch(topic.removeprefix(self._space)) if topic.startswith(self._space) else None
            if match and types == ["sensor_msgs/msg/Image"]:
                found.append(match[1] + match[2])
        with self._lock:
            self._names = tuple(sorted(found))

    def _follow_watchers(self, now_s: float) -> None:
        """Subscribe to the cameras that are watched, and only to them."""
        with self._lock:
            watched = {name for name, at_s in self._watched_s.items() if now_s - at_s < WATCHED_S}
        for name in watched - self._subscriptions.keys():
            self._subscriptions[name] = self._subscribe(name)
        for name in self._subscriptions.keys() - watched:
            self._node.destroy_subscription(self._subscriptions.pop(name))
            with self._lock:
                self._frames.pop(name, None)

    def _subscribe(self, name: str) -> Subscription:
        arm, _, camera = name.rpartition("/")
        next_s = 0.0

        def on_image(image: Any) -> None:
            nonlocal next_s
            now_s = time.monotonic()
            if now_s >= next_s:
                next_s = now_s + 1.0 / RATE_HZ
                self._on_image(name, image, now_s)

        return topics.COLOR_IMAGE.of(camera).under(self._space + arm).subscribe(self._node, on_image, NEWEST)

    def _on_image(self, name: str, image: Image, now_s: float) -> None:
        try:
            small = compressed(image, BagImages.JPEG, QUALITY)
        except ValueError as error:
            self._node.get_logger().warning(f"camera {name}: {error}", throttle_duration_sec=10.0)
            return
        if small is not None and small.format.partition(";")[2].strip().startswith("jpeg"):
            with self._lock:
                before = self._frames.get(name)
                self._frames[name] = Frame(before.number + 1 if before else 1, now_s, bytes(small.data))
