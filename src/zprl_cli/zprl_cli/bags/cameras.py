"""The cameras that a base from bags knows."""

from zprl_core.bags.bag_list import BagSummary
from zprl_core.bags.bag_mapping import BagMapping
from zprl_core.bags.bag_reader import bag_file
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.ros.bag_cameras import cameras_in
from zprl_core.ros.bag_episode import namespace
from zprl_core.ros.mapped_episode import renamed
from zprl_core.streams.camera_model import CameraModel


def cameras_of(bag: BagSummary, info: EpisodeInfo, mapping: BagMapping | None) -> dict[str, CameraModel]:
    """Returns the calibrated cameras of a bag, by stream name. Raises RecordError when it is damaged."""
    spec, file = info.observation, bag_file(bag.path)
    if not spec.images:
        return {}
    if mapping is not None:
        topics = {stream.name: mapping.topics[stream.name] for stream in spec.images}
        return cameras_in(file, topics, spec, renamed(mapping, spec))
    prefix = namespace(info, file.topics())
    return cameras_in(file, {stream.name: f"{prefix}/{stream.topic}" for stream in spec.images}, spec)
