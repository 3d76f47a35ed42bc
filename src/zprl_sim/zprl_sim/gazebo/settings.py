"""The parameters of the node that connects a scene in Gazebo with the topics of zprl."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl_sim.scene_settings import SceneSettings
from zprl_sim.tasks.task import SceneObject, Task

TASK = "pick_to_tray"  # the task whose scene gazebo.launch.py starts


@dataclass(frozen=True)
class GazeboSceneSettings:
    """Field names are parameter names. The defaults are the names of gazebo.launch.py."""

    scene: SceneSettings = field(default_factory=lambda: SceneSettings(TASK))
    pose_topic: Annotated[str, "topic of an object's pose from Gazebo; {name} stands for the object"] = (
        "/gazebo/{name}/pose"
    )
    set_pose: Annotated[str, "service that moves a model of Gazebo (ros_gz_interfaces/SetEntityPose)"] = (
        f"/world/{TASK}/set_pose"
    )

    def __post_init__(self) -> None:
        if "{name}" not in self.pose_topic:
            raise ValueError(
                f"pose_topic is {self.pose_topic!r}, the same for every object; write {{name}} where the object's "
                "name stands"
            )
        parts = [thing.name for thing in self.task.things if not isinstance(thing, SceneObject)]
        if parts:
            raise ValueError(
                f"task {self.scene.task} has {', '.join(parts)} on a slide or hinge, which set_pose cannot move; "
                "choose a task whose objects lie or stand freely"
            )

    @property
    def task(self) -> Task:
        """The task. Raises ValueError for a task with several arms."""
        return self.scene.sim_task
