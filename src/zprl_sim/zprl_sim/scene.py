"""Compiles the MuJoCo model of a task: arms, table and objects."""

from pathlib import Path

import numpy as np

from zprl_core.arm_model import FR3
from zprl_sim.rendering import mujoco
from zprl_sim.settings import PHYSICS_S
from zprl_sim.tasks.bodies import add_camera, table
from zprl_sim.tasks.camera import FRONT, REPORT, CameraOffset, CameraPose
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.task import Mismatch, Task

ARM = str(Path(__file__).parent / "assets" / "fr3.xml")


def compile_scene(task: Task, mismatch: Mismatch) -> mujoco.MjModel:
    """Returns the model of `task` with `mismatch` in size, friction, gain and the poses of cameras."""
    scene = _arms(task.arms)
    scene.option.timestep = PHYSICS_S
    scene.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    scene.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    scene.option.impratio = 10.0
    scene.visual.quality.offsamples = 0
    scene.visual.headlight.ambient = [0.35, 0.35, 0.35]
    table(scene)
    add_camera(scene, REPORT, CameraPose(*task.view))
    add_camera(scene, FRONT, task.front)
    task.build(scene, mismatch.size)
    model = scene.compile()
    # A contact takes the larger friction of its two geoms, so that scaling the objects alone would not reach the table.
    model.geom_friction[:, 0] *= mismatch.friction
    for mount in task.arms:
        first = model.actuator(mount.topic(FR3.joints[0])).id
        model.actuator_gainprm[first : first + 7, 0] *= mismatch.gain
        model.actuator_biasprm[first : first + 7, 1:3] *= mismatch.gain
    for offset in mismatch.cameras:
        _mount_off(model, offset)
    return model


def _mount_off(model: mujoco.MjModel, offset: CameraOffset) -> None:
    """Moves and turns a camera by its offset."""
    camera = model.camera(offset.camera)
    angle = float(np.linalg.norm(offset.rotation))
    moved, turn, turned = np.zeros(3), np.zeros(4), np.zeros(4)
    mujoco.mju_rotVecQuat(moved, offset.position, camera.quat)
    mujoco.mju_axisAngle2Quat(turn, np.divide(offset.rotation, angle or 1.0), angle)
    mujoco.mju_mulQuat(turned, camera.quat, turn)
    camera.pos[:], camera.quat[:] = camera.pos + moved, turned


def _arms(mounts: tuple[ArmMount, ...]) -> mujoco.MjSpec:
    """Returns a spec with the only arm unchanged, or several arms whose parts are prefixed by the arm's name."""
    if len(mounts) == 1:
        return mujoco.MjSpec.from_file(ARM)
    scene = mujoco.MjSpec()
    for mount in mounts:
        arm = mujoco.MjSpec.from_file(ARM)
        quaternion = [0.0, 0.0, 0.0, 1.0] if mount.turned else [1.0, 0.0, 0.0, 0.0]
        foot = scene.worldbody.add_frame(pos=[mount.x, mount.y, 0.0], quat=quaternion)
        foot.attach_body(arm.body("base"), mount.topic(""), "")
    return scene
