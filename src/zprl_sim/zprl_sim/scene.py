"""A compiled MuJoCo model: arm, table and the things of a task."""

from pathlib import Path

from zprl_sim.rendering import mujoco
from zprl_sim.settings import PHYSICS_S
from zprl_sim.tasks.bodies import table
from zprl_sim.tasks.task import Mismatch, Task

ASSETS = Path(__file__).parent / "assets"


def compile_scene(task: Task, mismatch: Mismatch) -> mujoco.MjModel:
    """The model of `task` with `mismatch` in size, friction and gain."""
    scene = mujoco.MjSpec.from_file(str(ASSETS / "fr3.xml"))
    scene.option.timestep = PHYSICS_S
    scene.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    scene.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    scene.option.impratio = 10.0
    scene.visual.quality.offsamples = 0
    scene.visual.headlight.ambient = [0.35, 0.35, 0.35]
    table(scene)
    task.build(scene, mismatch.size, mismatch.friction)
    model = scene.compile()
    # the pads' friction takes precedence over an object's
    model.geom_friction[model.geom_priority > 0, 0] *= mismatch.friction
    model.actuator_gainprm[:7, 0] *= mismatch.gain
    model.actuator_biasprm[:7, 1:3] *= mismatch.gain
    return model
