"""Compares the cameras that a base observes with those of the station of a real arm."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from zprl_bringup.graph.base_check import base_config
from zprl_core import topic_names
from zprl_core.observation_spec import StreamSpec
from zprl_hardware.cameras.camera import CameraSettings


def check_seen_cameras(base: Path | None, cameras: Sequence[CameraSettings]) -> None:
    """Check that the station's cameras give the images that the base observes. Raises ValueError if one does not."""
    for stream, camera in product(_images(base), cameras):
        if stream.topic not in _topics(camera):
            continue
        height, width = stream.shape[:2]
        if stream.is_depth and not camera.depth:
            raise ValueError(
                f"the base observes the depth of camera {camera.name}, but the station does not enable it; set depth "
                "to true there"
            )
        if (camera.width, camera.height) != (width, height):
            raise ValueError(
                f"the base observes images of {width}x{height} from camera {camera.name}, but the station's are "
                f"{camera.width}x{camera.height}; set width and height there, or use a base that was made for them"
            )


def missing_cameras(base: Path | None, cameras: Sequence[CameraSettings]) -> str:
    """Return a warning of the images that no camera of the station gives; "" if there are none."""
    given = {topic for camera in cameras for topic in _topics(camera)}
    missing = [stream.topic for stream in _images(base) if stream.topic not in given]
    if not missing:
        return ""
    return (
        f"the base observes {', '.join(missing)}, which no camera of the station publishes: add the camera to the "
        "station, or publish its images yourself"
    )


def _images(base: Path | None) -> tuple[StreamSpec, ...]:
    config = base_config(base)
    return () if config is None else config.observation.images


def _topics(camera: CameraSettings) -> tuple[str, str]:
    names = topic_names.COLOR_IMAGE, topic_names.ALIGNED_DEPTH
    return names[0].format(name=camera.name), names[1].format(name=camera.name)
