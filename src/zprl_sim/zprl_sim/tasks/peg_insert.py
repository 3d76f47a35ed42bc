"""Grasp a standing peg and insert it into a square socket with 5 mm of clearance on each side."""

from dataclasses import replace

from zprl_core.observation import Pose
from zprl_sim.tasks.bodies import Scene, block, walls
from zprl_sim.tasks.goal import GoalRegion
from zprl_sim.tasks.recipe import LONG
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import Waypoint, above, pick

HALF, TALL = 0.018, 0.045  # half width and half height of the peg
CLEARANCE = 0.005
SOCKET = 0.04  # height of the socket's walls


def _build(scene: Scene, size: float) -> None:
    block(scene, "peg", (HALF * size, HALF * size, TALL), (0.9, 0.65, 0.15, 1))
    walls(scene, "socket", HALF + CLEARANCE, 0.02, SOCKET, (0.3, 0.5, 0.4, 1))


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    peg, (x, y, _) = things["peg"], things["socket"].position
    grip = above(peg, 0.02)
    inside = Pose((x, y, TALL + 0.02 + 0.008), 0.0)
    return (
        *pick(grip, 0.08),
        Waypoint(above(inside, 0.07), open=False, tolerance_m=0.008, dwell=2),
        Waypoint(above(inside, 0.025), open=False, tolerance_m=0.006),
        Waypoint(inside, open=False, tolerance_m=0.012, grasp=True),
        Waypoint(inside, open=True, tolerance_m=0.03, dwell=6),
    )


def _success(things: dict[str, Pose], width: float) -> bool:
    (x, y, z), (sx, sy, _) = things["peg"].position, things["socket"].position
    return max(abs(x - sx), abs(y - sy)) < HALF and z < TALL + 0.01


PEG_INSERT = Task(
    name="peg_insert",
    things=(
        SceneObject("peg", PlacementRegion((0.44, 0.56), (-0.14, -0.02), (-0.35, 0.35)), TALL),
        SceneObject("socket", PlacementRegion((0.47, 0.53), (0.12, 0.18)), 0.0, movable=False),
    ),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=120,
    goal=GoalRegion((-HALF, -HALF, 0.0), (HALF, HALF, TALL + 0.01), around="socket", thing="peg"),
    demo_region={
        "peg": PlacementRegion((0.44, 0.56), (-0.14, -0.03), (-0.35, 0.35)),
        "socket": PlacementRegion((0.47, 0.53), (0.12, 0.18)),
    },
    imperfections=Imperfections(offset_m=0.006, haste_m=0.008),
    mismatch=Mismatch(seen_off_by=(0.006, 0.005, 0.0), friction=0.8, gain=0.9),
    recipe=replace(LONG, env_steps=120_000, demos=100, quality=(0.3, 1.0)),
)
