"""The simulated arm as a URDF, with joints and frames only, for nodes that need a robot description."""

import math

import numpy as np

from zprl_core.arm_model import FR3
from zprl_sim.rendering import mujoco

BASE, TOOL, JOINTS = FR3.base_frame, FR3.tool_frame, FR3.joints


def make_urdf(model: mujoco.MjModel) -> str:
    """Returns the URDF from link `fr3_link0` over the seven joints to link `fr3_hand_tcp`, the tool site."""
    site = model.site("tool").id
    parts = ['<robot name="fr3">', f'<link name="{BASE}"/>']
    bodies = _bodies(model, int(model.site_bodyid[site]))
    parent, turned, shifted = BASE, np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3)
    for body in bodies:
        shifted = shifted + _rotated(model.body_pos[body], turned)
        turned = _product(turned, model.body_quat[body])
        joint = _joint(model, body)
        if joint is not None:  # a body without a joint is part of the next link
            child = f"fr3_link{JOINTS.index(model.joint(joint).name) + 1}"
            low, high = model.jnt_range[joint]
            limit = f'<limit lower="{low:.6f}" upper="{high:.6f}" effort="87" velocity="2"/>'
            x, y, z = model.jnt_axis[joint]
            axis = f'<axis xyz="{x:.9f} {y:.9f} {z:.9f}"/>'
            parts += _link(model.joint(joint).name, "revolute", parent, child, shifted, turned, axis + limit)
            parent, turned, shifted = child, np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3)
    shifted = shifted + _rotated(model.site_pos[site], turned)
    turned = _product(turned, model.site_quat[site])
    parts += _link("fr3_hand_tcp_joint", "fixed", parent, TOOL, shifted, turned, "")
    return "\n".join([*parts, "</robot>"])


def _bodies(model: mujoco.MjModel, body: int) -> list[int]:
    """Returns the bodies from the base's child to `body`."""
    base = model.body(BASE).id
    bodies: list[int] = []
    while body != base:
        bodies.insert(0, body)
        body = int(model.body_parentid[body])
    return bodies


def _joint(model: mujoco.MjModel, body: int) -> int | None:
    return int(model.body_jntadr[body]) if model.body_jntnum[body] else None


def _link(
    name: str, kind: str, parent: str, child: str, shifted: np.ndarray, turned: np.ndarray, more: str
) -> tuple[str, str]:
    x, y, z = shifted
    roll, pitch, yaw = _rpy(turned)
    origin = f'<origin xyz="{x:.9f} {y:.9f} {z:.9f}" rpy="{roll:.9f} {pitch:.9f} {yaw:.9f}"/>'
    ends = f'<parent link="{parent}"/><child link="{child}"/>'
    return f'<link name="{child}"/>', f'<joint name="{name}" type="{kind}">{origin}{ends}{more}</joint>'


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    out = np.zeros(4)
    mujoco.mju_mulQuat(out, a, b)
    return out


def _rotated(vector: np.ndarray, quaternion: np.ndarray) -> np.ndarray:
    out = np.zeros(3)
    mujoco.mju_rotVecQuat(out, vector, quaternion)
    return out


def _rpy(quaternion: np.ndarray) -> tuple[float, float, float]:
    """Returns roll, pitch, yaw with Rz(yaw) Ry(pitch) Rx(roll), as in URDF."""
    w, x, y, z = (float(v) for v in quaternion / np.linalg.norm(quaternion))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return roll, pitch, yaw
