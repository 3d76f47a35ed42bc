"""The recorder node writes a bag of each episode: the chosen topics as published, with label and configuration.

Images are compressed where that is chosen.
"""

import time
from datetime import UTC, datetime
from typing import Any

from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Bool

from zprl_core.bags.bag_images import BagImages
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.errors import remedy
from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_episodes.recording.bag_thread import NewPack, Received
from zprl_episodes.recording.episode_recorder import EpisodeRecorder
from zprl_episodes.recording.settings import RecorderSettings
from zprl_episodes.ros.image_packer import ImagePacker
from zprl_episodes.ros.topic_finder import TopicFinder, is_latched
from zprl_msgs.msg import EpisodeEvent as EpisodeEventMessage

LOOK_S = 0.5  # time between two looks for publishers
REPORT_S = 0.1  # time between two reports whether an episode may start
PATIENCE_S = 10.0  # an episode waits this long for topics that are not heard


class RecorderNode(ManagedNode):
    """Callbacks hand the messages to the recorder, whose thread writes; `step` looks for topics and ends bags."""

    def __init__(self) -> None:
        super().__init__("recorder")
        parameters.declare(self, RecorderSettings())
        self._recorder: EpisodeRecorder | None = None

    def configure(self) -> None:
        s = parameters.read(self, RecorderSettings, RecorderSettings())
        if not s.topics:
            raise ValueError("topics is empty; name the topics to record")
        self._finder = TopicFinder(self, s.topics, s.optional_topics)
        try:
            self._recorder = EpisodeRecorder(s, self._finder.wanted, self.get_logger().warning, _new_pack(s))
        except OSError as error:
            raise OSError(f"cannot make the folder for bags: {error}; {remedy(error)}") from None
        self._robot, self._look_s, self._since_ns = s.robot, float("-inf"), 0
        self._full = ""  # why the disk has no room
        self._ready, self._missed_s, self._reported_s = False, float("inf"), 0.0
        self._is_ready = topics.RECORDER_READY.publisher(self)
        self._is_ready.publish(Bool(data=False))  # clears the latched message of an earlier node
        topics.EPISODE_EVENT.subscribe(self, self._on_event)

    def activate(self) -> None:
        self._since_ns = time.time_ns()  # earlier events are repeated for late subscribers
        self._missed_s = time.monotonic() + PATIENCE_S

    def idle(self) -> None:
        self._announce(False)
        if self._recorder is not None:
            self._recorder.stop()

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def wait_s(self) -> float:
        return REPORT_S / 2

    def step(self) -> None:
        """Look for publishers, and end the bag that is due."""
        if self._recorder is None:
            return
        now = time.monotonic()
        if now - self._look_s >= LOOK_S:
            self._look_s, self._full = now, self._recorder.full
            self._look()
        self._recorder.step(now)
        hears = self._recorder.hears or now > self._missed_s
        self._announce(self.active and hears and not self._recorder.bag and not self._full)

    def _announce(self, ready: bool) -> None:
        """Publish whether an episode may start: topics are heard, no bag is open, there is room. A proof of life."""
        now = time.monotonic()
        if ready != self._ready or (self.active and now - self._reported_s >= REPORT_S):
            self._ready, self._reported_s = ready, now
            self._is_ready.publish(Bool(data=ready))

    def _look(self) -> None:
        """Subscribe to the topics that have a publisher now."""
        assert self._recorder is not None
        try:
            for topic, kind, qos in self._finder.found():
                self._recorder.add_topic(topic, is_latched(qos))
                self.create_subscription(kind, topic.name, self._callback(topic.name), qos, raw=True)
        except ValueError as error:
            self.get_logger().error(f"a topic is not recorded: {error}")

    def _callback(self, topic: str) -> Any:
        def receive(data: bytes, info: dict[str, int]) -> None:
            if self._recorder is not None and self.active:
                self._recorder.receive(Received(topic, data, info["received_timestamp"], info["source_timestamp"]))

        return receive

    def _on_event(self, m: EpisodeEventMessage, info: dict[str, int]) -> None:
        if self._recorder is None or not self.active or m.robot != self._robot:
            return
        if info["source_timestamp"] < self._since_ns or m.kind not in set(EpisodeEventKind):
            return
        event = EpisodeEvent(
            EpisodeEventKind(m.kind), ns_from(m.header.stamp), m.episode, m.reward, m.steps, m.source, m.reason
        )
        self._recorder.on_event(event, info["received_timestamp"], datetime.now(UTC), time.monotonic())
        self._announce(self._ready and not self._recorder.bag)

    def health(self) -> tuple[str, dict[str, object]]:
        r = self._recorder
        if r is None:
            return "not configured", {}
        dropped = f"{r.dropped} messages were dropped, as {r.slow} is too slow" if r.dropped else ""
        problem = self._full or r.problem or dropped
        return problem, {"bag": r.bag, "kept": r.kept, "discarded": r.discarded, "dropped": r.dropped}


def _new_pack(s: RecorderSettings) -> NewPack | None:
    """Returns what gives the images of each bag their form; None for images as published. Raises as ImagePacker."""
    if s.images == BagImages.RAW:
        return None
    ImagePacker(s.images, s.jpeg_quality, s.h264_crf)  # now, before an episode
    return lambda: ImagePacker(s.images, s.jpeg_quality, s.h264_crf).pack


def main() -> None:
    """Entry point."""
    run(RecorderNode, SingleThreadedExecutor)


if __name__ == "__main__":
    main()
