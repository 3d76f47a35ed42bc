"""Grasp a cube and lift it by 10 cm. Short: about 35 control steps."""

from zprl_core.observation import Pose
from zprl_sim.tasks.bodies import Scene, block
from zprl_sim.tasks.goal import lifted
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import Waypoint, pick

HALF = 0.03  # half the cube's edge of 6 cm; the gripper opens 8 cm
LIFT = 0.10
SEVENTH = 0.45


def _build(scene: Scene, size: float) -> None:
    half = HALF * size
    block(scene, "cube", (half, half, half), (0.85, 0.25, 0.2, 1))


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    return pick(things["cube"], LIFT + 0.04)


def _success(things: dict[str, Pose], width: float) -> bool:
    return things["cube"].position[2] > HALF + LIFT


LIFT_CUBE = Task(
    name="lift",
    things=(SceneObject("cube", PlacementRegion((0.40, 0.60), (-0.12, 0.12), (-SEVENTH, SEVENTH)), HALF),),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=60,
    goal=lifted("cube", HALF + LIFT),
    demo_region={"cube": PlacementRegion((0.40, 0.60), (-0.12, 0.08), (-SEVENTH, SEVENTH))},
    imperfections=Imperfections(),
    mismatch=Mismatch(seen_off_by=(0.016, 0.016, 0.0), friction=0.8, gain=0.9),
    recipe=Recipe(env_steps=30_000),
)
