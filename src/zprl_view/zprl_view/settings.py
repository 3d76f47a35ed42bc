"""The parameters of the view node."""

import math
from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import Range, check_ranges

NO_BOX = (0.0, 0.0, 0.0)
MOST_ARMS = 8


@dataclass(frozen=True)
class ViewSettings:
    """The parameters of the view node. Field names are parameter names."""

    robot: Annotated[str, "name of the robot whose episodes are shown"] = "robot"
    arms: Annotated[tuple[str, ...], "namespaces of the arms; none: the only arm, which has none"] = ()
    objects: Annotated[tuple[str, ...], "names of the objects to show: their topics are objects/<name>/pose"] = ()
    cameras: Annotated[
        tuple[str, ...], "cameras whose color images are published as JPEG too, for remote viewers; none: no images"
    ] = ()
    frame: Annotated[str, "frame of the arm's poses and of the markers"] = "fr3_link0"
    low: Annotated[tuple[float, ...], "lower corner of the workspace box [m]"] = NO_BOX
    high: Annotated[tuple[float, ...], "upper corner of the workspace box [m]; equal to low: none is shown"] = NO_BOX
    goal_low: Annotated[tuple[float, ...], "lower corner of the region of success [m]"] = NO_BOX
    goal_high: Annotated[tuple[float, ...], "upper corner of the region of success [m]; equal to low: none"] = NO_BOX
    goal_around: Annotated[str, "object that the region of success moves with; empty: it stands still"] = ""
    rate: Annotated[float, "markers and link frames are published this often at most [Hz]", Range(0.5, 50)] = 10.0
    image_rate: Annotated[float, "each camera's JPEG is published this often at most [Hz]", Range(0.1, 30)] = 5.0
    jpeg_quality: Annotated[int, "quality of these JPEG images", Range(1, 100)] = 80
    trail_s: Annotated[float, "duration of the tool's path that is shown [s]", Range(1, 600)] = 20.0
    frame_prefix: Annotated[
        str,
        "prefix of the link frames on /tf, so that they never meet those of the robot's own driver; a viewer's robot "
        "model needs it too",
    ] = "view/"
    mesh_url: Annotated[str, "folder of the FR3's meshes: a package:// or http(s):// address; empty: no shapes"] = (
        "package://zprl_sim/meshes"
    )

    def __post_init__(self) -> None:
        check_ranges(self)
        for name in ("low", "high", "goal_low", "goal_high"):
            corner = getattr(self, name)
            if len(corner) != 3 or not all(map(math.isfinite, corner)):
                raise ValueError(f"{name} must be three finite numbers x, y, z, got {list(corner)}")
        if len(self.arms) > MOST_ARMS or len(set(self.arms)) < len(self.arms):
            raise ValueError(f"arms must be up to {MOST_ARMS} different namespaces, got {list(self.arms)}")
        if self.goal_around and self.goal_around not in self.objects:
            raise ValueError(f"goal_around is {self.goal_around!r}, which is none of objects {list(self.objects)}")

    @property
    def arm_names(self) -> tuple[str, ...]:
        """The namespaces of the arms; "" for the only one."""
        return self.arms or ("",)
