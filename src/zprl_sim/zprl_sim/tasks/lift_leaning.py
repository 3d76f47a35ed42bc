"""Grasp a block that leans and lift it level: the hand must lean as the block does, and turn with it."""

from dataclasses import replace

import numpy as np

from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation import Pose
from zprl_core.rotation import Rotation
from zprl_sim.tasks.bodies import Scene, leaning_block
from zprl_sim.tasks.goal import lifted
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import Imperfections, Mismatch, PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import Waypoint

HALF = (0.045, 0.024, 0.050)  # half lengths; the gripper, which opens 8 cm, cannot close along x
LEAN = 0.6  # roll of the block in its body [rad]
HEIGHT = 0.0705  # of the block's middle when it stands on its foot
GRIP = 0.010  # of the tool above the middle, along the block
LIFT = 0.10
LEVEL = 0.15  # greatest roll and pitch of the lifted block [rad]
TURN = 0.4  # greatest yaw
TILT = 0.8  # of the hand


def along(block: Pose, height: float) -> Pose:
    """Returns the tool `height` meters from the middle along the leaning block, and leaning with it."""
    leaning = replace(block, roll=LEAN, pitch=0.0)
    x, y, z = (np.array(block.position) + leaning.matrix @ np.array([0.0, 0.0, height])).tolist()
    return replace(leaning, position=(x, y, z))


def _build(scene: Scene, size: float) -> None:
    x, y, z = HALF
    leaning_block(scene, "block", (x, y * size, z), LEAN, HEIGHT, (0.2, 0.45, 0.75, 1))


def _plan(things: dict[str, Pose]) -> tuple[Waypoint, ...]:
    block = replace(things["block"], roll=0.0, pitch=0.0)
    grasp = along(block, GRIP)
    x, y, z = grasp.position
    return (
        Waypoint(along(block, GRIP + 0.13), open=True, tolerance_m=0.03),
        Waypoint(along(block, GRIP + 0.07), open=True, tolerance_m=0.007),
        Waypoint(grasp, open=True, tolerance_m=0.006, grasp=True),
        Waypoint(grasp, open=False, tolerance_m=0.03, dwell=4),
        Waypoint(replace(grasp, position=(x, y, z + LIFT + 0.04)), open=False, tolerance_m=0.01),
    )


def _success(things: dict[str, Pose], width: float) -> bool:
    """Lifted, and level: fingers that do not lean turn the block until its sides are parallel to them."""
    block = things["block"]
    return block.position[2] > HEIGHT + LIFT and max(abs(block.roll), abs(block.pitch)) < LEVEL


LIFT_LEANING = Task(
    name="lift_leaning",
    things=(
        SceneObject("block", PlacementRegion((0.42, 0.56), (-0.12, 0.12), (-TURN, TURN)), HEIGHT, symmetry=2 * np.pi),
    ),
    build=_build,
    plan=_plan,
    success=_success,
    time_limit=70,
    goal=lifted("block", HEIGHT + LIFT),
    demo_region={"block": PlacementRegion((0.42, 0.56), (-0.12, 0.08), (-TURN, TURN))},
    imperfections=Imperfections(),
    mismatch=Mismatch(seen_off_by=(0.012, 0.022, 0.0), friction=0.8, gain=0.9),
    action=ActionSpec((ArmAction(motion=CartesianAction(Rotation.VECTOR)),)),
    tilt=TILT,
    recipe=Recipe(),
)
