"""Grasp a cube and put it down in a tray: about 75 control steps."""

from zprl_core.observation import Pose
from zprl_sim.tasks.bodies import Scene, block, walls
from zprl_sim.tasks.goal import GoalRegion
from zprl_sim.tasks.recipe import LONG
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import Waypoint, above, pick

HALF = 0.03
TRAY = 0.055  # inner half width
WALL = 0.03  # height of the tray's walls
INSIDE, LOW = TRAY - 0.5 * HALF, HALF + 0.012  # where the cube's middle is in the tray


def _build(scene: Scene, size: float) -> None:
    half = HALF * size
    block(scene, "cube", (half, half, half), (0.2, 0.45, 0.85, 1))
    walls(scene, "tray", TRAY, 0.006, WALL, (0.35, 0.37, 0.4, 1))


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    cube, (x, y, _) = things["cube"], things["tray"].position
    tray = Pose((x, y, HALF + 0.015), 0.0)
    return (
        *pick(cube, 0.10),
        Waypoint(above(tray, 0.08), open=False, tolerance_m=0.015),
        Waypoint(tray, open=False, tolerance_m=0.012, grasp=True),
        Waypoint(tray, open=True, tolerance_m=0.03, dwell=6),
    )


def _success(things: dict[str, Pose], width: float) -> bool:
    (x, y, z), (tx, ty, _) = things["cube"].position, things["tray"].position
    return max(abs(x - tx), abs(y - ty)) < INSIDE and z < LOW and width > 0.065


PICK_TO_TRAY = Task(
    name="pick_to_tray",
    things=(
        SceneObject("cube", PlacementRegion((0.42, 0.58), (-0.16, 0.0), (-0.45, 0.45)), HALF),
        SceneObject("tray", PlacementRegion((0.45, 0.55), (0.14, 0.20)), 0.0, movable=False),
    ),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=120,
    goal=GoalRegion((-INSIDE, -INSIDE, 0.0), (INSIDE, INSIDE, LOW), around="tray", thing="cube"),
    demo_region={
        "cube": PlacementRegion((0.42, 0.58), (-0.16, -0.02), (-0.45, 0.45)),
        "tray": PlacementRegion((0.45, 0.55), (0.14, 0.20)),
    },
    imperfections=Imperfections(),
    mismatch=Mismatch(seen_off_by=(0.012, 0.010, 0.0), friction=0.8, gain=0.9),
    recipe=LONG,
)
