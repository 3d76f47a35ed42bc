"""Finds the calibrated cameras of a bag: their camera_info, and their mounts in /tf_static."""

from collections.abc import Mapping

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo

from zprl_core import topic_names
from zprl_core.bags.bag_reader import BagFile
from zprl_core.frame_tree import FrameError, FrameTree, plain
from zprl_core.observation_spec import ObservationSpec
from zprl_core.ros.bag_frames import BagFrames
from zprl_core.ros.camera_info import camera_from
from zprl_core.streams.camera_model import CameraModel

INFO = "sensor_msgs/msg/CameraInfo"
FORMS = (topic_names.compressed_of(""), topic_names.video_of(""), "/compressedDepth")


def info_topic(image: str) -> str:
    """Returns the topic of the camera_info beside an image topic of a bag, compressed or not."""
    for form in FORMS:
        image = image.removesuffix(form)
    return topic_names.camera_info_of(image)


def cameras_in(
    file: BagFile, images: Mapping[str, str], spec: ObservationSpec, names: dict[str, str] | None = None
) -> dict[str, CameraModel]:
    """Returns the calibrated cameras by stream name, for images of the spec's size, each by its first camera_info.

    `images`: the topic of each image stream. `names` as in `BagFrames`. A mount is in the frame of the spec's poses if
    that is fixed to the camera, otherwise in the root of what is fixed to it, such as the hand. Raises RecordError when
    the bag is damaged.
    """
    topics = {name: info_topic(topic) for name, topic in images.items()}
    wanted = {name for name, topic in file.topics().items() if topic.type == INFO} & set(topics.values())
    frames, infos = BagFrames(names), dict[str, CameraInfo]()
    for message in file.messages({topic_names.TF_STATIC, *wanted}):
        if not frames.take(message):
            infos.setdefault(message.topic, deserialize_message(message.data, CameraInfo))
    found = {}
    for name, topic in topics.items():
        if (info := infos.get(topic)) is None:
            continue
        height, width = spec[name].shape[:2]
        try:
            camera = camera_from(info).resized((height, width))
        except ValueError:  # it is not calibrated, or cannot be described
            continue
        found[name] = _mounted(camera, plain(info.header.frame_id), frames.tree, spec)
    return found


def _mounted(camera: CameraModel, optical: str, tree: FrameTree, spec: ObservationSpec) -> CameraModel:
    for base in (*dict.fromkeys(stream.frame for stream in spec.streams if stream.frame), tree.root(optical)):
        if base == optical:
            continue
        try:
            return camera.mounted(base, tree.lookup(base, optical)[0])
        except FrameError:
            continue
    return camera
