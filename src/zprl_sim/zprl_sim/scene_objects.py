"""The objects of a task in a compiled scene: placed at a reset, and read."""

import math

import numpy as np
import numpy.typing as npt

from zprl_core.observation import Pose
from zprl_sim.rendering import mujoco
from zprl_sim.tasks.task import SceneObject, ScenePart, Task

JOINT = mujoco.mjtJoint
FREE, SLIDE, HINGE = JOINT.mjJNT_FREE, JOINT.mjJNT_SLIDE, JOINT.mjJNT_HINGE


class SceneObjects:
    """Places and reads the objects of one task. Frame: the scene's."""

    def __init__(self, model: mujoco.MjModel, task: Task):
        """Raises ValueError naming an object whose body does not fit its description."""
        self._model, self._task = model, task
        for thing in task.things:
            _check(model, task.name, thing)

    def place(self, data: mujoco.MjData, rng: np.random.Generator, deployed: bool) -> None:
        """Draws a pose for every object and a joint position for every part."""
        for thing in self._task.things:
            joint = self._joint(thing.name)
            if isinstance(thing, ScenePart):
                data.qpos[self._model.jnt_qposadr[joint]] = rng.uniform(*thing.start)
                continue
            region = thing.place if deployed else self._task.demo_region[thing.name]
            self._place_object(data, thing, region.sample(rng, thing.z))

    def poses(self, data: mujoco.MjData) -> dict[str, Pose]:
        """Returns the true poses with tilt, and yaw modulo the objects' symmetry."""
        return {thing.name: self._pose(data, thing) for thing in self._task.things}

    def positions(self, data: mujoco.MjData) -> npt.NDArray[np.float64]:
        """Returns all that determines the scene (P,): qpos, then position and quaternion of each fixed object."""
        fixed = [np.concatenate([self._model.body_pos[body], self._model.body_quat[body]]) for body in self._fixed]
        return np.concatenate([data.qpos, *fixed])

    def restore(self, data: mujoco.MjData, positions: npt.NDArray[np.float64]) -> None:
        """Takes over the `positions` of the same scene elsewhere. Raises ValueError for those of another one."""
        joints, fixed = len(data.qpos), self._fixed
        if positions.shape != (joints + 7 * len(fixed),):
            raise ValueError(
                f"scene/state has {positions.size} numbers, but the scene of task {self._task.name} has "
                f"{joints + 7 * len(fixed)}; give simulation and cameras the same task"
            )
        data.qpos[:] = positions[:joints]
        for body, pose in zip(fixed, positions[joints:].reshape(-1, 7), strict=True):
            self._model.body_pos[body], self._model.body_quat[body] = pose[:3], pose[3:]

    @property
    def _fixed(self) -> list[int]:
        """The bodies of objects without joints, which a reset places in the model."""
        things = (thing for thing in self._task.things if isinstance(thing, SceneObject) and not thing.movable)
        return [self._model.body(thing.name).id for thing in things]

    def _joint(self, name: str) -> int:
        return int(self._model.body(name).jntadr[0])

    def _place_object(self, data: mujoco.MjData, thing: SceneObject, pose: Pose) -> None:
        half = pose.yaw / 2, pose.roll / 2  # Rz(yaw) Rx(roll)
        (cy, cr), (sy, sr) = map(math.cos, half), map(math.sin, half)
        quaternion = [cy * cr, cy * sr, sy * sr, sy * cr]
        if thing.movable:
            start = self._model.jnt_qposadr[self._joint(thing.name)]
            data.qpos[start : start + 7] = [*pose.position, *quaternion]
        else:
            body = self._model.body(thing.name).id
            self._model.body_pos[body], self._model.body_quat[body] = pose.position, quaternion

    def _pose(self, data: mujoco.MjData, thing: SceneObject | ScenePart) -> Pose:
        body = data.body(thing.name)
        r = body.xmat.tolist()
        x, y, z = body.xpos.tolist()
        roll, pitch = math.atan2(r[7], r[8]), -math.asin(min(max(r[6], -1.0), 1.0))
        return Pose((x, y, z), math.remainder(math.atan2(r[3], r[0]), thing.symmetry), roll, pitch)


def _check(model: mujoco.MjModel, task: str, thing: SceneObject | ScenePart) -> None:
    body = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, thing.name)
    if body < 0:
        raise ValueError(f"{task}: the scene has no body {thing.name!r}; name a body in build like the object")
    first, count = model.body_jntadr[body], model.body_jntnum[body]
    joints = [JOINT(kind) for kind in model.jnt_type[first : first + count]]
    has = f"{task}: the body {thing.name!r} has {_shown(joints)}"
    if isinstance(thing, ScenePart):
        if len(joints) != 1 or joints[0] not in (SLIDE, HINGE):
            raise ValueError(
                f"{has}; a ScenePart has one slide or hinge joint, an object that lies free is a SceneObject"
            )
    elif model.body_parentid[body] != 0:
        raise ValueError(f"{task}: the body {thing.name!r} is part of another; add it to scene.worldbody to place it")
    elif thing.movable and joints != [FREE]:
        raise ValueError(f"{has}; a movable SceneObject needs a free joint, a part on a slide or hinge is a ScenePart")
    elif not thing.movable and joints:
        raise ValueError(f"{has}; a SceneObject with movable=False has none")


def _shown(joints: list[mujoco.mjtJoint]) -> str:
    names = [f"a {joint.name.removeprefix('mjJNT_').lower()} joint" for joint in joints]
    return " and ".join(names) or "no joint"
