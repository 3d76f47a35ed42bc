"""Reads from a bag what a viewer shows of its episode."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from geometry_msgs.msg import Pose, PoseStamped
from nav_msgs.msg import Path
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image, JointState

from zprl_cli.view.moment import Color, Line, Moment, Note, Numbers, Picture, Placed, Shown
from zprl_cli.view.ros.pictures import picture_of
from zprl_core.arm_mode import ArmMode
from zprl_core.bags.bag_reader import BagFile, BagMessage
from zprl_core.bags.compressed_video import VIDEO
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.errors import quoted
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from
from zprl_core.ros.samples import FINGER
from zprl_core.ros.stream_messages import StreamMessages
from zprl_msgs.msg import ArmCommand, ArmStatus, EpisodeEvent, PolicyStatus, SuccessDetection

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage", VIDEO)
MEASURED, COMMANDED, EXECUTED = "measured", "commanded", "executed"


class BagMoments:
    """Reads one bag. Times are the stamps of the messages, so that what belongs to a state has its time."""

    def __init__(self, file: BagFile):
        self._file, self._messages = file, StreamMessages()
        self._read: dict[str, Callable[[str, Any], Iterator[Shown]]] = {
            _name(JointState): _joints, _name(PoseStamped): self._pose, _name(ArmCommand): _command,
            _name(ArmStatus): self._status, _name(EpisodeEvent): _event, _name(SuccessDetection): _success,
            _name(PolicyStatus): self._policy, _name(Path): _plan, **dict.fromkeys(IMAGES, _picture),
        }  # fmt: skip
        self._kinds = {
            _name(kind): kind
            for kind in (JointState, PoseStamped, ArmCommand, ArmStatus, EpisodeEvent, SuccessDetection, PolicyStatus)
        } | {_name(Path): Path}
        self._paths: dict[str, list[tuple[float, float, float]]] = {}
        self._begin_ns: dict[str, int] = {}  # of each path
        self._said: dict[str, str] = {}  # the last reason of each source
        self.refused: dict[str, str] = {}  # why a message of a topic is not shown, the newest of each

    def moments(self) -> Iterator[Moment]:
        """Yields what is shown in the order of reception; paths last. Raises RecordError when the bag is damaged."""
        kinds = {name: topic.type for name, topic in self._file.topics().items() if topic.type in self._read}
        for message in self._file.messages(kinds):
            try:
                content = self._content(message, kinds[message.topic])
                stamp_ns = ns_from(content.header.stamp) or message.received_ns
                for shown in self._read[kinds[message.topic]](message.topic, content):
                    self._keep_path(stamp_ns, shown)
                    yield Moment(stamp_ns, shown)
            except ValueError as error:
                self.refused[message.topic] = quoted(error)
        for name, points in self._paths.items():
            color = Color.EXECUTED if name.endswith(EXECUTED) else Color.MEASURED
            yield Moment(self._begin_ns[name], Line(f"{name} path", np.array(points), color))

    def _content(self, message: BagMessage, kind: str) -> Any:
        if kind in IMAGES:
            return self._messages.read(message, kind)
        return deserialize_message(message.data, self._kinds[kind])

    def _keep_path(self, stamp_ns: int, shown: Shown) -> None:
        if isinstance(shown, Placed) and shown.name.endswith((MEASURED, EXECUTED)):
            self._begin_ns.setdefault(shown.name, stamp_ns)
            self._paths.setdefault(shown.name, []).append(shown.position)

    def _pose(self, topic: str, m: PoseStamped) -> Iterator[Shown]:
        if topic.endswith(topics.CURRENT_POSE.name):
            yield from _tool(_arm_of(topic, topics.CURRENT_POSE.name), MEASURED, m.pose)
        else:
            yield _placed(topic.strip("/").removesuffix("/pose"), m.pose)

    def _status(self, topic: str, m: ArmStatus) -> Iterator[Shown]:
        arm = _arm_of(topic, topics.ARM_STATUS.name)
        if m.executed_joints:
            names = (f"joint{k + 1} {EXECUTED}" for k in range(len(m.executed_joints)))
            yield Numbers(f"{arm}joints [rad]", dict(zip(names, map(float, m.executed_joints), strict=True)))
        else:
            yield from _tool(arm, EXECUTED, m.executed_target)
        yield Numbers(f"{arm}gripper [mm]", {EXECUTED: m.executed_width * 1e3})
        flags = {"mode": float(m.mode), "guard changed the command": float(m.clipped), "human": float(m.person)}
        yield Numbers(f"{arm}arm", flags)
        mode = ArmMode(m.mode).name if m.mode in list(ArmMode) else f"mode {m.mode}"
        yield from self._reason(f"{arm}arm", f"{mode}: {m.reason}" if m.reason else "")

    def _policy(self, topic: str, m: PolicyStatus) -> Iterator[Shown]:
        ticks = {"held": float(m.held_ticks), "lost": float(m.lost_ticks)}
        yield Numbers("policy ticks", ticks)
        yield Numbers("policy [ms]", {"lateness p99": m.tick_lateness_p99_ms, "inference": m.inference_ms})
        yield Numbers("policy weights", {"in use": float(m.weights_number), "newest": float(m.weights_newest)})
        yield from self._reason("policy", m.hold_reason)

    def _reason(self, source: str, text: str) -> Iterator[Note]:
        """Yields a reason once, until it changes."""
        if text and text != self._said.get(source):
            yield Note(source, text, warning=True)
        self._said[source] = text


def _name(kind: type) -> str:
    return f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"


def _arm_of(topic: str, name: str) -> str:
    """Returns the namespaces of a topic as a prefix: "" or "left ", for example."""
    space = topic.removesuffix(name).strip("/")
    return f"{space} " if space else ""


def _placed(name: str, pose: Pose) -> Placed:
    p, q = pose.position, pose.orientation
    if q.x == q.y == q.z == q.w == 0.0:
        raise ValueError("a pose has a quaternion of zeros")
    return Placed(name, (p.x, p.y, p.z), (q.x, q.y, q.z, q.w))


def _tool(arm: str, form: str, pose: Pose) -> Iterator[Shown]:
    yield _placed(f"{arm}tool {form}", pose)
    for axis in ("x", "y", "z"):
        yield Numbers(f"{arm}tool {axis} [m]", {form: getattr(pose.position, axis)})


def _joints(topic: str, m: JointState) -> Iterator[Shown]:
    if len(m.name) != len(m.position):
        raise ValueError(f"joint_states has {len(m.name)} names and {len(m.position)} positions")
    arm, positions = _arm_of(topic, topics.JOINT_STATES.name), dict(zip(m.name, m.position, strict=True))
    fingers = [x for name, x in positions.items() if FINGER in name]
    yield Numbers(f"{arm}joints [rad]", {name: float(x) for name, x in positions.items() if FINGER not in name})
    if fingers:
        yield Numbers(f"{arm}gripper [mm]", {MEASURED: sum(fingers) * 1e3})


def _command(topic: str, m: ArmCommand) -> Iterator[Shown]:
    arm = _arm_of(topic, topics.ARM_COMMAND.name)
    if m.joints:
        names = (f"joint{k + 1} {COMMANDED}" for k in range(len(m.joints)))
        yield Numbers(f"{arm}joints [rad]", dict(zip(names, map(float, m.joints), strict=True)))
    else:
        yield from _tool(arm, COMMANDED, m.target)
    yield Numbers(f"{arm}gripper [mm]", {COMMANDED: m.gripper_width * 1e3})


def _event(topic: str, m: EpisodeEvent) -> Iterator[Shown]:
    kind = EpisodeEventKind(m.kind) if m.kind in list(EpisodeEventKind) else None
    name = f"kind {m.kind}" if kind is None else kind.name.lower()
    steps = "" if kind == EpisodeEventKind.STARTED else f" after {m.steps} steps"
    why = f": {m.reason}" if m.reason else ""
    yield Note(f"episode of {m.robot}", f"episode {m.episode}: {name}{steps}{why}", kind == EpisodeEventKind.DISCARDED)
    if kind != EpisodeEventKind.STARTED:
        yield Numbers("episode", {"reward": m.reward})


def _success(topic: str, m: SuccessDetection) -> Iterator[Shown]:
    yield Numbers("episode", {"success detected": float(m.success)})


def _plan(topic: str, m: Path) -> Iterator[Shown]:
    places = [(p.pose.position.x, p.pose.position.y, p.pose.position.z) for p in m.poses]
    color = Color.BASE_PLAN if topic.endswith(topics.BASE_PLAN.name) else Color.PLAN
    yield Line(topic.strip("/"), np.array(places, dtype=np.float64).reshape(-1, 3), color)


def _picture(topic: str, m: Image | CompressedImage) -> Iterator[Shown]:
    yield Picture(camera_of(topic), picture_of(m))


def camera_of(topic: str) -> str:
    """Returns the topic of a camera's images without what says their form."""
    for end in ("/foxglove", "/compressedDepth", "/compressed"):
        topic = topic.removesuffix(end)
    return topic.strip("/").removesuffix("/image_raw")
