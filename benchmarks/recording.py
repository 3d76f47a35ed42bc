"""Measures the recorder: messages lost, processor time and memory with two cameras.

    python benchmarks/recording.py --seconds 600

Two cameras of 640x480 send noise at 30 Hz, a robot its joint states at 100 Hz. For a machine with other work to do,
start that before. With --images png or jpeg the recorder compresses them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import rclpy
import tyro
from rclpy.node import Node
from sensor_msgs.msg import JointState

from zprl_bringup.graph.graphs import default_env
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core import topic_names
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_list import summary_of
from zprl_core.bags.bag_reader import bag_file
from zprl_core.ros import topics
from zprl_core.ros.conversions import time_from
from zprl_msgs.msg import EpisodeEvent

CAMERAS = ("front", "wrist")
JOINTS_HZ, IMAGES_HZ = 100.0, 30.0
TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Options:
    """Record."""

    seconds: float = 60.0
    """Duration of the recording"""
    width: int = 640
    """Width of an image [px]"""
    height: int = 480
    """Height of an image [px]"""
    images: BagImages = BagImages.RAW
    """Form of the images in the bag; noise is the worst case for png and jpeg"""
    folder: Path | None = None
    """Folder for the bags; a temporary one by default, which is removed"""


class Robot:
    """Publishes joint states and the events of episodes."""

    def __init__(self) -> None:
        self.node = Node("robot")
        self._joints = topics.JOINT_STATES.publisher(self.node)
        self._events = topics.EPISODE_EVENT.publisher(self.node)
        self._ready: list[bool] = []
        topics.RECORDER_READY.subscribe(self.node, lambda m: self._ready.append(m.data))
        self.sent = 0

    def await_recorder(self) -> None:
        """Wait until a recorder that was just started hears its topics."""
        self._ready.clear()
        while True not in self._ready:
            self._joints.publish(JointState())
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def event(self, kind: int, episode: int) -> None:
        message = EpisodeEvent(robot="robot", kind=kind, episode=episode)
        message.header.stamp = time_from(time.time_ns())
        self._events.publish(message)

    def move(self, seconds: float, watch: "Watch | None" = None) -> None:
        """Publish joint states for a time [s]."""
        due = end = time.monotonic()
        end += seconds
        while (now := time.monotonic()) < end:
            message = JointState(name=["a", "b"], position=[now, 0.0], velocity=[0.0, 0.0], effort=[0.0, 0.0])
            message.header.stamp = time_from(time.time_ns())
            self._joints.publish(message)
            self.sent += 1
            if watch is not None:
                watch.look(now)
            due += 1.0 / JOINTS_HZ
            time.sleep(max(0.0, due - time.monotonic()))


class Watch:
    """Processor time and memory of a process, from /proc."""

    def __init__(self, pid: int):
        self._pid, self._began_s, self._began = pid, time.monotonic(), _ticks(pid)
        self.memory_mb: list[float] = []
        self._due_s = 0.0

    def look(self, now_s: float) -> None:
        if now_s >= self._due_s:
            self._due_s = now_s + 1.0
            pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
            self.memory_mb.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    @property
    def cores(self) -> float:
        return (_ticks(self._pid) - self._began) / TICKS_S / (time.monotonic() - self._began_s)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def start(program: list[str], *parameters: str) -> "subprocess.Popen[bytes]":
    words = [word for parameter in parameters for word in ("-p", parameter)]
    return subprocess.Popen([sys.executable, *program, "--ros-args", *words])


def start_recorder(folder: Path, images: BagImages = BagImages.RAW) -> "subprocess.Popen[bytes]":
    names = ["joint_states", *(topics.COLOR_IMAGE.of(camera).name for camera in CAMERAS)]
    given = f"folder:={folder}", f"topics:={names}", f"images:={images.value}", "before_s:=5.0"
    return start(["-m", "zprl_episodes.ros.recorder_node"], *given)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(30)


def measure(options: Options, folder: Path) -> None:
    """Record cameras and joints once, and compare the bag with what was sent."""
    robot, images = Robot(), round(options.seconds * IMAGES_HZ)
    source = str(Path(__file__).with_name("camera_source.py"))
    cameras = start([source, str(options.width), str(options.height), str(images)])
    recorder = start_recorder(folder, options.images)
    try:
        robot.await_recorder()
        began_ns = time.time_ns()
        robot.event(EpisodeEvent.STARTED, 0)
        watch = Watch(recorder.pid)
        robot.move(options.seconds + 3.0, watch)  # the cameras began up to a second later
        cores = watch.cores
        robot.event(EpisodeEvent.SUCCESS, 0)
        time.sleep(2.0)
    finally:
        end(recorder)
        end(cameras)
    (bag,) = folder.iterdir()
    counts: dict[str, int] = {}
    for message in bag_file(bag).messages():
        if message.topic == "/joint_states" and message.published_ns < began_ns:
            continue  # sent so that the recorder hears them
        name = message.topic.removesuffix(topic_names.compressed_of(""))
        counts[name] = counts.get(name, 0) + 1
    seconds, size = summary_of(bag).duration_s, summary_of(bag).size
    sent = {"/joint_states": robot.sent} | {f"/{topics.COLOR_IMAGE.of(name).name}": images for name in CAMERAS}
    for topic, count in sent.items():
        print(f"{topic}: {count} sent, {counts.get(topic, 0)} recorded, {count - counts.get(topic, 0)} lost")
    fifth = max(1, len(watch.memory_mb) // 5)
    early, late = (sum(part) / len(part) for part in (watch.memory_mb[fifth : 2 * fifth], watch.memory_mb[-fifth:]))
    print(
        f"{seconds:.0f} s, {size / 1e6 / seconds:.1f} MB/s, {cores:.2f} cores, {early:.0f} MB early, {late:.0f} MB late"
    )


def main() -> None:
    options = tyro.cli(Options, config=(tyro.conf.EnumChoicesFromValues,))
    folder = options.folder or Path(tempfile.mkdtemp(prefix="recording"))
    with own_domain() as domain:
        os.environ |= {**default_env(), "ROS_DOMAIN_ID": str(domain)}
        rclpy.init()
        try:
            measure(options, folder)
        finally:
            rclpy.try_shutdown()
            if options.folder is None:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
