"""The parameters of the recorder node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.bags.bag_images import CRF, JPEG_QUALITY, BagImages
from zprl_core.config.metadata import Range, check_ranges


@dataclass(frozen=True)
class RecorderSettings:
    """Field names are parameter names."""

    folder: Annotated[str, "folder that receives a bag for each episode"] = ""
    robot: Annotated[str, "name of the robot whose episodes are recorded"] = "robot"
    task: Annotated[str, "name of the task, in the name and the metadata of each bag"] = ""
    note: Annotated[str, "a remark of the operator, for the metadata"] = ""
    configuration: Annotated[str, "JSON of everything that belongs to an episode, for the metadata"] = ""
    topics: Annotated[tuple[str, ...], "topics to record; relative names are in the node's namespace"] = ()
    optional_topics: Annotated[tuple[str, ...], "topics to record where they exist; none of them is missed"] = ()
    images: Annotated[
        BagImages,
        "form of the images. raw: as published; png: without loss; jpeg: with jpeg_quality, depth as png; "
        "h264: color as video with h264_crf, depth and gray as png",
    ] = BagImages.RAW
    jpeg_quality: Annotated[int, "quality of jpeg images", Range(1, 100)] = JPEG_QUALITY
    h264_crf: Annotated[int, "rate factor of h264 video; lower is better, and larger", Range(0, 51)] = CRF
    keep_discarded: Annotated[bool, "true: keep the bags of discarded episodes too"] = False
    before_s: Annotated[
        float, "time before an episode starts whose messages are kept, as its first state precedes it [s]", Range(0, 60)
    ] = 1.0
    after_s: Annotated[float, "time after an episode ends whose messages are kept [s]", Range(0, 60)] = 0.2
    flush_s: Annotated[float, "time between two flushes: what a crash costs at most [s]", Range(0.01, 60)] = 0.2
    min_free_mb: Annotated[float, "free space of the disk below which no episode may start [MB]", Range(0, 1e7)] = 100.0
    queue_mb: Annotated[
        float,
        "size of the messages that wait for compression and disk, above which new ones are dropped [MB]",
        Range(1, 1e5),
    ] = 256.0

    def __post_init__(self) -> None:
        check_ranges(self)
