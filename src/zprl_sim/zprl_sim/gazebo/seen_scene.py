"""The scene as Gazebo's poses and the gripper show it. No ROS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from zprl_core.observation import Pose
from zprl_sim.tasks.task import Task

SILENT_S = 1.0  # age at which a pose counts as lost; Gazebo publishes 50 per simulated second


@dataclass(frozen=True)
class Sighting:
    """A pose, and when it arrived [s]."""

    pose: Pose
    seen_s: float


class SeenScene:
    """The newest pose of each object and the opening of the gripper. Times are of one monotonic clock [s]."""

    def __init__(self, task: Task):
        self._task = task
        self._symmetry = {thing.name: thing.symmetry for thing in task.things}
        self._seen: dict[str, Sighting] = {}
        self._width = float("nan")  # opening of the gripper [m]; nan: unknown, and no task succeeds

    @property
    def sightings(self) -> Mapping[str, Sighting]:
        """The newest pose of each object that was seen."""
        return self._seen

    @property
    def things(self) -> dict[str, Pose]:
        """The poses of the objects with tilt, and yaw modulo their symmetry."""
        return {name: sighting.pose for name, sighting in self._seen.items()}

    @property
    def success(self) -> bool:
        """True if the task succeeds now. Every object must have been seen."""
        return not math.isnan(self._width) and self._task.success(self.things, self._width)

    def on_pose(self, name: str, pose: Pose, now_s: float) -> None:
        """Process the pose of an object, in the frame of Gazebo's world, at whose origin the arm stands."""
        yaw = math.remainder(pose.yaw, self._symmetry[name])
        self._seen[name] = Sighting(replace(pose, yaw=yaw), now_s)

    def on_width(self, width: float) -> None:
        """Process the opening of the gripper [m]."""
        self._width = width

    def silence(self, now_s: float) -> str:
        """Returns the reason that the scene is unknown, with a remedy; "" if it is known."""
        missing = [name for name in self._task.objects if name not in self._seen]
        if missing:
            return f"Gazebo has published no pose of {', '.join(missing)}; start gazebo.launch.py, and see its log"
        lost = {name: now_s - sighting.seen_s for name, sighting in self._seen.items()}
        name = max(lost, key=lost.__getitem__)
        if lost[name] > SILENT_S:
            return f"Gazebo has published no pose of {name} for {lost[name]:.1f} s; check that it runs, not paused"
        return ""
