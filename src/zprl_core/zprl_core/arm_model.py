"""What distinguishes one arm from another: frames, joint names, gripper. Radians and metres."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArmModel:
    """An arm with a parallel gripper."""

    name: str
    base_frame: str
    tool_frame: str  # between the finger tips
    joints: tuple[str, ...]
    fingers: tuple[str, ...]
    max_width: float  # opening of the gripper [m]

    @property
    def joint_names(self) -> list[str]:
        """Names in `joint_states`: the arm's joints, then the fingers."""
        return [*self.joints, *self.fingers]


FR3 = ArmModel(
    name="fr3",
    base_frame="fr3_link0",
    tool_frame="fr3_hand_tcp",
    joints=tuple(f"fr3_joint{i}" for i in range(1, 8)),
    fingers=("fr3_finger_joint1", "fr3_finger_joint2"),
    max_width=0.08,
)
