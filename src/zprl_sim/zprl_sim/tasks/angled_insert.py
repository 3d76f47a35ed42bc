"""Grasp a standing peg and insert it into a leaning socket, for which the gripper must tilt."""

from dataclasses import replace

import numpy as np

from zprl.training.config import PretrainConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation import Pose
from zprl_core.rotation import Rotation
from zprl_sim.tasks.bodies import Scene, block, walls
from zprl_sim.tasks.recipe import LONG
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import Waypoint, above, pick

HALF, TALL = 0.018, 0.045  # half width and half height of the peg
CLEARANCE = 0.006
SOCKET = 0.05  # height of the socket's walls
FOOT = 0.015  # height of the socket's origin; one of its walls goes into the table
LEAN = (0.3, 0.55)  # roll of the socket [rad]
TILT = 0.8  # greatest tilt of the gripper [rad]
GRIP = 0.02  # height of the grasp above the peg's middle
DEEP = 0.005  # height of the inserted peg's foot above the socket's origin


def along(socket: Pose, height: float) -> Pose:
    """Returns the tool pose on the socket's axis, `height` meters from its origin, tilted like the socket."""
    axis = socket.matrix @ np.array([0.0, 0.0, 1.0])
    x, y, z = (np.array(socket.position) + height * axis).tolist()
    return replace(socket, position=(x, y, z))


def _build(scene: Scene, size: float) -> None:
    block(scene, "peg", (HALF * size, HALF * size, TALL), (0.9, 0.65, 0.15, 1))
    walls(scene, "socket", HALF + CLEARANCE, 0.02, SOCKET, (0.3, 0.5, 0.4, 1))


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    peg, socket = things["peg"], replace(things["socket"], yaw=0.0, pitch=0.0)
    upright = Pose(peg.position, peg.yaw)
    inside = DEEP + TALL + GRIP
    return (
        *pick(above(upright, GRIP), 0.10),
        Waypoint(along(socket, inside + 0.09), open=False, tolerance_m=0.008, dwell=3),
        Waypoint(along(socket, inside + 0.03), open=False, tolerance_m=0.006),
        Waypoint(along(socket, inside), open=False, tolerance_m=0.012, grasp=True),
        Waypoint(along(socket, inside), open=True, tolerance_m=0.03, dwell=6),
    )


def _success(things: dict[str, Pose], width: float) -> bool:
    """Returns True if the peg's middle is on the socket's axis and deep inside."""
    peg, socket = things["peg"], things["socket"]
    x, y, z = socket.matrix.T @ np.subtract(peg.position, socket.position)
    return bool(max(abs(x), abs(y)) < HALF and z < TALL + 0.02)


ANGLED_INSERT = Task(
    name="angled_insert",
    things=(
        SceneObject("peg", PlacementRegion((0.44, 0.54), (-0.16, -0.06), (-0.3, 0.3)), TALL),
        SceneObject("socket", PlacementRegion((0.46, 0.52), (0.08, 0.14), roll=LEAN), FOOT, movable=False),
    ),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=140,
    demo_region={
        "peg": PlacementRegion((0.44, 0.54), (-0.16, -0.08), (-0.3, 0.3)),
        "socket": PlacementRegion((0.46, 0.52), (0.08, 0.14), roll=LEAN),
    },
    imperfections=Imperfections(offset_m=0.006, haste_m=0.008),
    mismatch=Mismatch(seen_off_by=(0.006, 0.005, 0.0), friction=0.8, gain=0.9),
    action=ActionSpec((ArmAction(motion=CartesianAction(Rotation.VECTOR)),)),
    tilt=TILT,
    recipe=replace(LONG, env_steps=120_000, demos=200, quality=(0.5, 1.0), pretrain=PretrainConfig(steps=8000)),
)
