"""The parameters of the simulated controllers."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from zprl_sim.scene_settings import SceneSettings


class Controller(Enum):
    """The active controller."""

    FORWARD_POSITION = "forward_position"
    JOINT_TRAJECTORY = "joint_trajectory"
    CARTESIAN = "cartesian"


class GripperAction(Enum):
    """The type of the gripper's action."""

    GRIPPER_COMMAND = "gripper_command"
    PARALLEL_GRIPPER_COMMAND = "parallel_gripper_command"


@dataclass(frozen=True)
class ControllerSettings:
    """The parameters of the simulated controllers. The topics match the defaults of Ros2ControlConfig."""

    scene: SceneSettings = field(default_factory=SceneSettings)
    controller: Annotated[Controller, "forward_position, joint_trajectory or cartesian"] = Controller.FORWARD_POSITION
    gripper: Annotated[GripperAction, "gripper_command or parallel_gripper_command"] = GripperAction.GRIPPER_COMMAND
    joint_states: Annotated[str, "topic of the measured joints"] = "/joint_states"
    forward_commands: Annotated[str, "topic of forward_position"] = "/forward_position_controller/commands"
    trajectory_commands: Annotated[str, "topic of joint_trajectory"] = "/joint_trajectory_controller/joint_trajectory"
    target_pose: Annotated[str, "topic of cartesian"] = "/target_pose"
    current_pose: Annotated[str, "topic of the tool's pose"] = "/current_pose"
    gripper_action: Annotated[str, "name of the gripper's action"] = "/gripper_controller/gripper_cmd"
    rate: Annotated[float, "control cycles per second [Hz]"] = 100.0

    def __post_init__(self) -> None:
        if self.rate not in (50.0, 80.0, 100.0, 200.0, 400.0):
            raise ValueError(
                f"rate must be 50, 80, 100, 200 or 400 Hz, whole physics steps of 2.5 ms, got {self.rate:g}"
            )
