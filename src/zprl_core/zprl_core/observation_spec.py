"""The format of a policy's observations: one `StreamSpec` per topic.

It is saved with the base policy, the demonstrations and the run. Stream buffer, policy node, encoder, demonstrations
and the Gymnasium adapter are built from it.
"""

import math
from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl_core import topic_names
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain
from zprl_core.observation import TOOL, WIDTH, Array, Observation, Pose, Sample
from zprl_core.rotation import Rotation

LARGEST = float(np.finfo(np.float32).max)  # largest number that stays finite in the networks' float32
MAX_AGE_S = 0.2
CAMERA_AGE_S = 0.15  # of an image at 30 Hz: four in a row may be missing
DEPTH = "_depth"  # end of the name of a depth stream
CAMERA_SHAPE = (128, 128, 3)  # of an image that a policy observes: height, width, RGB
BLANK_STD = 2.0  # of 255: an image whose pixels deviate less shows nothing; a covered lens has some noise
BLANK_EVERY = 4  # of how many rows and columns one is looked at
MOST_STREAMS, MOST_NUMBERS = 64, 1 << 24  # limits for a spec from a file


class StreamKind(str, Enum):
    """The kind of a stream's samples, which determines its message type."""

    POSE = "pose"  # geometry_msgs/PoseStamped: a Pose
    WIDTH = "width"  # sensor_msgs/JointState: the sum of the joints named *finger_joint* [m]
    JOINTS = "joints"  # sensor_msgs/JointState: (n,) positions of the named joints
    VECTOR = "vector"  # zprl_msgs/VectorStamped: (n,) numbers
    IMAGE = "image"  # sensor_msgs/Image: (h, w, c) uint8


JOINT_STATES = {StreamKind.WIDTH, StreamKind.JOINTS}  # both are read from one JointState


@dataclass(frozen=True)
class StreamSpec:
    """One stream of samples."""

    name: str
    topic: str  # relative, so that a second robot is a namespace
    kind: StreamKind
    shape: tuple[int, ...] = ()  # shape of a sample; empty for poses and widths
    units: str = ""
    frame: str = ""  # reference frame of a pose
    max_age_s: float = MAX_AGE_S  # an older sample is stale
    rotation: Rotation = Rotation.YAW  # encoding of a pose's orientation in the state
    joints: tuple[str, ...] = ()  # of a JOINTS stream: names in joint_states, in sample order
    relative_to: tuple[str, ...] = ()  # pose streams whose positions the encoder subtracts from this pose's
    tool: bool = False  # a pose of a gripper, which points down when roll and pitch are 0
    depth_m: tuple[float, ...] = ()  # of a depth image: nearest and farthest distance [m]; see streams/depth_pixels

    def __post_init__(self) -> None:
        if not self.name or not all(part.isidentifier() for part in self.name.split("/")):
            raise ValueError(f"a stream's name may contain letters, digits, underscores and slashes, got {self.name!r}")
        if self.kind in (StreamKind.POSE, StreamKind.WIDTH) and self.shape:
            raise ValueError(f"stream {self.name}: a {self.kind.value} has no shape, got {self.shape}")
        if self.kind == StreamKind.JOINTS and self.shape != (len(self.joints),):
            raise ValueError(f"stream {self.name}: {len(self.joints)} joints need shape ({len(self.joints)},)")
        if self.kind == StreamKind.VECTOR and len(self.shape) != 1:
            raise ValueError(f"stream {self.name}: a vector must have one dimension, got shape {self.shape}")
        if self.kind == StreamKind.IMAGE and (len(self.shape) != 3 or self.shape[2] not in (1, 3)):
            raise ValueError(f"stream {self.name}: an image must have shape (height, width, 1 or 3), got {self.shape}")
        self._check_depth()
        if any(n < 1 for n in self.shape) or prod(self.shape) > MOST_NUMBERS:
            raise ValueError(f"stream {self.name}: shape {self.shape} is empty or too large")
        if not 0.0 < self.max_age_s <= 60.0:
            raise ValueError(f"stream {self.name}: max_age_s must be in (0, 60], got {self.max_age_s}")

    def _check_depth(self) -> None:
        if not self.depth_m:
            return
        if self.kind != StreamKind.IMAGE or self.shape[2] != 1:
            raise ValueError(
                f"stream {self.name}: depth_m is for an image of shape (height, width, 1), got {self.shape}"
            )
        if len(self.depth_m) != 2 or not 0.0 <= self.depth_m[0] < self.depth_m[1] < math.inf:
            raise ValueError(
                f"stream {self.name}: depth_m needs the nearest and the farthest distance [m], got {self.depth_m}"
            )

    @property
    def camera(self) -> str:
        """The name of an image stream's camera, such as left/wrist."""
        return self.name.removesuffix(DEPTH) if self.is_depth else self.name

    @property
    def is_depth(self) -> bool:
        """True for an image of depth."""
        return bool(self.depth_m)

    @property
    def state_size(self) -> int:
        """Number of components that it adds to the state; 0 for an image."""
        match self.kind:
            case StreamKind.POSE:
                return 3 + self.rotation.state_size
            case StreamKind.WIDTH:
                return 1
            case StreamKind.JOINTS | StreamKind.VECTOR:
                return self.shape[0]
            case StreamKind.IMAGE:
                return 0

    def state(self, sample: Sample) -> list[float]:
        """Returns the sample's part of the state, (state_size,)."""
        if isinstance(sample, Pose):
            return sample.state(self.rotation)
        if isinstance(sample, float):
            return [sample]
        return [] if self.kind == StreamKind.IMAGE else [float(x) for x in sample]

    def fault(self, sample: Sample) -> str:
        """Returns why a sample cannot be used; "" when it can."""
        if self.kind == StreamKind.IMAGE:
            return self._image_fault(np.asarray(sample))
        numbers = self.state(sample)
        if len(numbers) != self.state_size:
            return f"{self.topic} has {len(numbers)} numbers, the policy expects {self.state_size}"
        return "" if np.all(np.abs(numbers) <= LARGEST) else f"{self.topic} contains a number that is not finite"

    def _image_fault(self, image: npt.NDArray[np.generic]) -> str:
        if image.shape != self.shape:
            return f"{self.topic} has shape {image.shape}, the policy expects {self.shape}"
        if self.is_depth:  # a flat surface has one distance
            return (
                "" if image.any() else f"{self.topic} has no measured distance; uncover the camera, and check its range"
            )
        some = np.asarray(image[::BLANK_EVERY, ::BLANK_EVERY], np.float32)
        if min(image.shape[:2]) > BLANK_EVERY and some.std() < BLANK_STD:
            return (
                f"{self.topic} shows nothing: every pixel is about {some.mean():.0f} of 255; uncover the lens, and "
                "check light and exposure"
            )
        return ""


@dataclass(frozen=True)
class ObservationSpec:
    """The streams that a policy observes, in the order of the state vector."""

    streams: tuple[StreamSpec, ...]

    def __post_init__(self) -> None:
        names = [stream.name for stream in self.streams]
        if not names or len(names) > MOST_STREAMS:
            raise ValueError(f"an observation spec needs 1 to {MOST_STREAMS} streams, got {len(names)}")
        if len(set(names)) < len(names):
            raise ValueError(f"two streams have the same name: {', '.join(names)}")
        self._check_topics()
        poses = {stream.name for stream in self.streams if stream.kind == StreamKind.POSE}
        for stream in self.streams:
            if stream.relative_to and not ({stream.name, *stream.relative_to} <= poses):
                raise ValueError(f"stream {stream.name} is relative to {stream.relative_to}, which must be poses")

    def _check_topics(self) -> None:
        """Raises ValueError for two streams that read one topic as messages of different types."""
        first: dict[str, StreamSpec] = {}
        for stream in self.streams:
            other = first.setdefault(stream.topic, stream)
            if stream.kind != other.kind and not {stream.kind, other.kind} <= JOINT_STATES:
                kinds = f"{other.kind.value} and {stream.kind.value}"
                raise ValueError(f"streams {other.name} and {stream.name} read topic {stream.topic} as {kinds}")
            if stream.is_depth != other.is_depth:
                raise ValueError(f"streams {other.name} and {stream.name} read topic {stream.topic} as color and depth")

    def __getitem__(self, name: str) -> StreamSpec:
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(f"no stream {name!r}; there are {', '.join(stream.name for stream in self.streams)}")

    @property
    def images(self) -> tuple[StreamSpec, ...]:
        """The streams that are images."""
        return tuple(stream for stream in self.streams if stream.kind == StreamKind.IMAGE)

    @property
    def state_size(self) -> int:
        """S: number of components of the state."""
        return sum(stream.state_size for stream in self.streams)

    def offset(self, name: str) -> int:
        """Returns the index in the state where the stream's components begin."""
        at = 0
        for stream in self.streams:
            if stream.name == name:
                return at
            at += stream.state_size
        raise KeyError(f"no stream {name!r}")

    def state(self, observation: Observation) -> Array:
        """Returns (S,) float32: the state from every stream except images. Raises KeyError when one is missing."""
        missing = [stream.name for stream in self.streams if stream.name not in observation.samples]
        if missing:
            raise KeyError(f"streams {missing} were not observed; observed were {sorted(observation.samples)}")
        numbers = (stream for stream in self.streams if stream.kind != StreamKind.IMAGE)  # an image may be lazy
        values = [x for stream in numbers for x in stream.state(observation.samples[stream.name])]
        return np.asarray(values, dtype=np.float32)

    def fault(self, observation: Observation) -> str:
        """Returns why an observation cannot be used (wrong shape, or not finite); "" when it can."""
        for stream in self.streams:
            if why := stream.fault(observation.samples[stream.name]):
                return why
        return ""

    def ages(self, observation: Observation) -> Array:
        """Returns (S,): how much older each stream's sample is than the newest one, by stamp [s]."""
        stamps = np.array([observation.stamps.get(s.name, observation.stamp_ns) for s in self.streams], np.int64)
        return ((stamps.max() - stamps) * 1e-9).astype(np.float32)

    def to_json(self) -> list[dict[str, Any]]:
        """Returns plain values for a JSON file."""
        return [_plain(stream) for stream in self.streams]

    @classmethod
    def from_json(cls, values: Any) -> "ObservationSpec":
        """Rebuilds the spec written by `to_json`. Raises ValueError for anything else."""
        if not isinstance(values, list):
            raise ValueError("an observation spec must be a list of streams")
        return cls(tuple(from_plain(StreamSpec, value) for value in values[: MOST_STREAMS + 1]))


def _plain(stream: StreamSpec) -> dict[str, Any]:
    """Returns a stream's fields; a stream without depth as in earlier versions, so that fingerprints stay."""
    fields = flatten(stream)
    if not stream.is_depth:
        del fields["depth_m"]
    return fields


def arm_observation(
    objects: tuple[str, ...],
    arms: tuple[str, ...] = ("",),
    frame: str = "fr3_link0",
    rotation: Rotation = Rotation.YAW,
) -> ObservationSpec:
    """Returns the spec of arms and objects: each arm's tool and width, then every object, all in `frame`.

    With `rotation` YAW the grippers point down and the objects stand upright.
    """
    places = [f"{arm}/" if arm else "" for arm in arms]
    streams = []
    for at in places:
        tool, width, pose = f"{at}{TOOL}", f"{at}{WIDTH}", f"{at}{topic_names.CURRENT_POSE}"
        streams.append(StreamSpec(tool, pose, StreamKind.POSE, (), "m, rad", frame, rotation=rotation, tool=True))
        streams.append(StreamSpec(width, f"{at}{topic_names.JOINT_STATES}", StreamKind.WIDTH, (), "m"))
    tools = tuple(f"{at}{TOOL}" for at in places)
    for name in objects:
        topic = topic_names.OBJECT_POSE.format(name=name)
        streams.append(
            StreamSpec(name, topic, StreamKind.POSE, (), "m, rad", frame, rotation=rotation, relative_to=tools)
        )
    return ObservationSpec(tuple(streams))


def camera_observation(
    cameras: tuple[str, ...],
    arms: tuple[str, ...] = ("",),
    frame: str = "fr3_link0",
    rotation: Rotation = Rotation.YAW,
    depth_m: tuple[float, float] | None = None,
) -> ObservationSpec:
    """Returns the spec of arms and cameras: each arm's tool and width, then one RGB image of every camera.

    A camera that belongs to an arm has its name in front, as in left/wrist. `depth_m`: with the depth of every camera
    too, from and to these distances [m].
    """
    depths = () if depth_m is None else tuple(depth_stream(camera, *depth_m) for camera in cameras)
    return ObservationSpec(
        arm_observation((), arms, frame, rotation).streams + tuple(map(camera_stream, cameras)) + depths
    )


def camera_stream(camera: str) -> StreamSpec:
    """Returns the stream of a camera's RGB images."""
    arm, slash, name = camera.rpartition("/")
    topic = arm + slash + topic_names.COLOR_IMAGE.format(name=name)
    return StreamSpec(camera, topic, StreamKind.IMAGE, CAMERA_SHAPE, max_age_s=CAMERA_AGE_S)


def depth_stream(camera: str, near_m: float, far_m: float, size: tuple[int, int] = CAMERA_SHAPE[:2]) -> StreamSpec:
    """Returns the stream of a camera's depth in the pixels of its color images, `size` (height, width).

    The stream of camera left/wrist is left/wrist_depth.
    """
    arm, slash, name = camera.rpartition("/")
    topic, shape = arm + slash + topic_names.ALIGNED_DEPTH.format(name=name), (*size, 1)
    depth_m = float(near_m), float(far_m)
    return StreamSpec(f"{camera}{DEPTH}", topic, StreamKind.IMAGE, shape, max_age_s=CAMERA_AGE_S, depth_m=depth_m)
