"""Two arms grasp a bar at its ends and lift it by 10 cm, level: about 50 control steps.

The arms face each other; the frame `world` is the left one's base frame.
"""

import math

from zprl_core.observation import Pose
from zprl_sim.tasks.bodies import Scene, block
from zprl_sim.tasks.camera import CameraPose
from zprl_sim.tasks.goal import LAYER_M, GoalRegion
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task, planar_action
from zprl_sim.tasks.waypoints import Waypoint, above

HALF = (0.20, 0.03, 0.02)  # half length, width and height of the bar
GRASP = 0.16  # from the middle of the bar to a gripper
LIFT = 0.10
LEVEL = 0.12  # greatest tilt of the lifted bar [rad]
STAGES = (0.05, 0.10, LIFT + 0.04)  # heights at which the arms wait for each other
ARMS = (ArmMount("left"), ArmMount("right", x=1.2, turned=True))


def _build(scene: Scene, size: float) -> None:
    length, width, height = HALF
    block(scene, "bar", (length, width * size, height), (0.3, 0.55, 0.35, 1), mass=0.15)


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    bar = things["bar"]
    return (*_arm_plan("left", bar, -GRASP), *_arm_plan("right", bar, GRASP))


def _arm_plan(arm: str, bar: Pose, along: float) -> tuple[Waypoint, ...]:
    x, y, z = bar.position
    grasp = Pose((x + along * math.cos(bar.yaw), y + along * math.sin(bar.yaw), z), bar.yaw)
    lift = (Waypoint(above(grasp, h), open=False, tolerance_m=0.02, arm=arm, together=True) for h in STAGES)
    return (
        Waypoint(above(grasp, 0.07), open=True, tolerance_m=0.015, arm=arm),
        Waypoint(grasp, open=True, tolerance_m=0.006, grasp=True, arm=arm),
        Waypoint(grasp, open=False, tolerance_m=0.03, dwell=4, arm=arm, together=True),
        *lift,
    )


def _success(things: dict[str, Pose], width: float) -> bool:
    bar = things["bar"]
    return bar.position[2] > HALF[2] + LIFT and abs(bar.pitch) < LEVEL


TWO_ARM_LIFT = Task(
    name="two_arm_lift",
    things=(SceneObject("bar", PlacementRegion((0.56, 0.64), (-0.10, 0.10), (-0.3, 0.3)), HALF[2], symmetry=math.pi),),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=80,
    goal=GoalRegion((0.3, -0.4, HALF[2] + LIFT), (0.9, 0.4, HALF[2] + LIFT + LAYER_M), thing="bar"),
    demo_region={"bar": PlacementRegion((0.56, 0.64), (-0.10, 0.06), (-0.3, 0.3))},
    imperfections=Imperfections(),
    mismatch=Mismatch(seen_off_by=(0.012, 0.016, 0.0), friction=0.8, gain=0.9),
    action=planar_action(ARMS),
    arms=ARMS,
    view=((0.6, -1.6, 0.9), (0.6, 0.0, 0.2)),
    front=CameraPose((0.6, -0.75, 0.6), (0.6, 0.02, 0.06), 48.0),
    recipe=Recipe(latent_dim=12),
)
