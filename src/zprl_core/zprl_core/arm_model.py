"""Properties of an arm model: frames, joint names and limits, gripper. Radians and meters."""

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
    joint_low: tuple[float, ...]  # lower limit of each joint [rad]
    joint_high: tuple[float, ...]  # upper limit of each joint [rad]
    home: tuple[float, ...]  # joint angles that a reset moves to [rad]

    def __post_init__(self) -> None:
        for name in ("joint_low", "joint_high", "home"):
            if len(getattr(self, name)) != len(self.joints):
                raise ValueError(
                    f"{name} needs an angle for each of {len(self.joints)} joints, got {getattr(self, name)}"
                )

    @property
    def joint_names(self) -> list[str]:
        """The names in `joint_states`: the arm's joints, then the fingers."""
        return [*self.joints, *self.fingers]


FR3 = ArmModel(
    name="fr3",
    base_frame="fr3_link0",
    tool_frame="fr3_hand_tcp",
    joints=tuple(f"fr3_joint{i}" for i in range(1, 8)),
    fingers=("fr3_finger_joint1", "fr3_finger_joint2"),
    max_width=0.08,
    # From Franka's page "Robot and interface specifications".
    joint_low=(-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159),
    joint_high=(2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159),
    home=(-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771),  # the tool at 0.45, 0, 0.22 m, pointing down
)
