"""The kinematics of an FR3 with Franka's hand: frames of the joints, and a URDF of them.

Numbers are from Franka's page "Robot and interface specifications" (Denavit-Hartenberg in Craig's convention); a Panda
has the same frames.
"""

import math

from zprl_core.arm_model import FR3

# For each joint: a [m] along x before it, alpha about x in quarter turns, d [m] along its axis.
FRAMES = (
    (0.0, 0, 0.333),
    (0.0, -1, 0.0),
    (0.0, 1, 0.316),
    (0.0825, 1, 0.0),
    (-0.0825, -1, 0.384),
    (0.0, 1, 0.0),
    (0.088, 1, 0.0),
)
FLANGE_M, HAND_M, HAND_TURN = 0.107, 0.1034, -math.pi / 4  # to the flange; from there to between the fingertips
FINGER_M = 0.0584  # from the flange to the frames of the fingers
SPEEDS = (2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26)  # greatest of each joint [rad/s]
TORQUES = (87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0)  # greatest of each joint [N m]
FINGER_SPEED, FINGER_FORCE = 0.05, 70.0  # [m/s], [N]
FLANGE, HAND = "fr3_link8", "fr3_hand"


def urdf(hand: bool = True) -> str:
    """Return a robot description with joints, limits and frames, named as in franka_description; it has no shapes.

    `hand`: with Franka's hand.
    """
    parts = [f'<link name="{FR3.base_frame}"/>']
    parent = FR3.base_frame
    for k, (a, quarters, d) in enumerate(FRAMES):
        turn = quarters * math.pi / 2
        origin = _origin((a, -quarters * d, 0.0 if quarters else d), (turn, 0.0, 0.0))
        limit = _limit(FR3.joint_low[k], FR3.joint_high[k], TORQUES[k], SPEEDS[k])
        child = f"fr3_link{k + 1}"
        parts += _joint(FR3.joints[k], "revolute", parent, child, f'{origin}<axis xyz="0 0 1"/>{limit}')
        parent = child
    parts += _joint("fr3_joint8", "fixed", parent, FLANGE, _origin((0.0, 0.0, FLANGE_M)))
    parts += _hand() if hand else ()
    return "\n".join([f'<robot name="{FR3.name}">', *parts, "</robot>"])


def _hand() -> tuple[str, ...]:
    parts = _joint("fr3_hand_joint", "fixed", FLANGE, HAND, _origin((0.0, 0.0, 0.0), (0.0, 0.0, HAND_TURN)))
    parts += _joint("fr3_hand_tcp_joint", "fixed", HAND, FR3.tool_frame, _origin((0.0, 0.0, HAND_M)))
    for name, child, side in zip(FR3.fingers, ("fr3_leftfinger", "fr3_rightfinger"), (1, -1), strict=True):
        origin = _origin((0.0, 0.0, FINGER_M))
        limit = _limit(0.0, FR3.max_width / 2, FINGER_FORCE, FINGER_SPEED)
        parts += _joint(name, "prismatic", HAND, child, f'{origin}<axis xyz="0 {side} 0"/>{limit}')
    return parts


def _origin(xyz: tuple[float, float, float], rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> str:
    place, turn = (" ".join(f"{x:.12g}" for x in each) for each in (xyz, rpy))
    return f'<origin xyz="{place}" rpy="{turn}"/>'


def _limit(low: float, high: float, effort: float, speed: float) -> str:
    return f'<limit lower="{low:g}" upper="{high:g}" effort="{effort:g}" velocity="{speed:g}"/>'


def _joint(name: str, kind: str, parent: str, child: str, more: str) -> tuple[str, ...]:
    ends = f'<parent link="{parent}"/><child link="{child}"/>'
    return f'<link name="{child}"/>', f'<joint name="{name}" type="{kind}">{ends}{more}</joint>'
