"""The simulated robot: one arm, one scene, one control step at a time. Environment and node share it."""

import math

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_sim.kinematics import ToolKinematics
from zprl_sim.rendering import close_renderer, mujoco, open_renderer
from zprl_sim.scene import compile_scene
from zprl_sim.settings import CONTROL_S, PHYSICS_S
from zprl_sim.tasks.task import Mismatch, SceneObject, Task

SUBSTEPS = round(CONTROL_S / PHYSICS_S)
HOME = np.array([0.0, 0.0, 0.0, -2.1, 0.0, 2.1, -0.785])
START = (0.45, 0.0, 0.22)  # where the tool waits at a reset [m]
START_SPREAD = 0.02
WORKSPACE = ((0.28, 0.66), (-0.30, 0.30), (0.012, 0.42))  # of tool targets [m]; the pads reach 1 cm below the tool
MAX_WIDTH = 0.08  # opening of the gripper [m]


class SimRobot:
    """A Franka FR3 before a table. `deployed` switches the task's mismatch on, and the whole workspace."""

    def __init__(self, task: Task, deployed: bool = True, seed: int = 0, began_ns: int = 0):
        self.task, self.deployed = task, deployed
        self.mismatch = task.mismatch if deployed else Mismatch()
        self.model = compile_scene(task, self.mismatch)
        self.data = mujoco.MjData(self.model)
        self.kinematics = ToolKinematics(self.model, HOME)
        self.rng = np.random.default_rng(seed)
        self.steps = 0
        self._stamp_ns = began_ns
        self._renderer: mujoco.Renderer | None = None
        self._home = self._solve_home()
        self.reset()

    def reset(self, seed: int | None = None) -> Observation:
        """A new scene, drawn from `seed`, or from the robot's own generator. Simulated time goes on."""
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:9] = self._home
        self._draw_things(seed)
        self._move_to_start()
        self.steps = 0
        self._stamp_ns += round(CONTROL_S * 1e9)
        return self.observe()

    def place_things(self, seed: int | None = None) -> None:
        """Draw the objects' places anew and put them there; the arm stays where it is."""
        self._draw_things(seed)
        self.data.qvel[9:] = 0.0
        mujoco.mj_forward(self.model, self.data)

    def step(self, target: ArmTarget) -> Observation:
        """Control the arm towards `target` for one control step of 50 ms."""
        self._drive(target)
        self.steps += 1
        self._stamp_ns += round(CONTROL_S * 1e9)
        return self.observe()

    def observe(self) -> Observation:
        """What is perceived now: true tool, true width, objects off by the calibration error."""
        return Observation.of_arm(
            self._stamp_ns,
            self.kinematics.pose(self.data),
            self.width,
            {n: self._seen(p) for n, p in self.things().items()},
        )

    def things(self) -> dict[str, Pose]:
        """Where the objects truly are, yaw within their symmetry."""
        return {thing.name: self._pose(thing) for thing in self.task.things}

    @property
    def width(self) -> float:
        """Opening of the gripper [m]."""
        return float(self.data.qpos[7] + self.data.qpos[8])

    @property
    def joint_positions(self) -> npt.NDArray[np.float64]:
        """(9,) seven arm joints [rad], two fingers [m]."""
        q: npt.NDArray[np.float64] = self.data.qpos[:9].copy()
        return q

    @property
    def joint_velocities(self) -> npt.NDArray[np.float64]:
        """(9,) [rad/s] and [m/s]."""
        v: npt.NDArray[np.float64] = self.data.qvel[:9].copy()
        return v

    @property
    def success(self) -> bool:
        """Whether the task is done now."""
        return self.task.success(self.things(), self.width)

    @property
    def timed_out(self) -> bool:
        """Whether the time limit is reached."""
        return self.steps >= self.task.time_limit

    def render(self, camera: str = "front", width: int = 320, height: int = 240) -> npt.NDArray[np.uint8]:
        """(height, width, 3) picture. Raises RuntimeError with a remedy where there is no EGL."""
        if self._renderer is None or (self._renderer.width, self._renderer.height) != (width, height):
            self._close_renderer()
            self._renderer = open_renderer(self.model, width, height)
        self._renderer.update_scene(self.data, camera)
        picture: npt.NDArray[np.uint8] = self._renderer.render()
        return picture

    def close(self) -> None:
        """Give the renderer back."""
        self._close_renderer()

    def _drive(self, target: ArmTarget) -> None:
        self.data.ctrl[:7] = self.kinematics.joint_target(self.data, clamp(target.pose))
        self.data.ctrl[7] = np.clip(target.width, 0.0, MAX_WIDTH) / 2
        mujoco.mj_step(self.model, self.data, SUBSTEPS)
        mujoco.mj_forward(self.model, self.data)

    def _solve_home(self) -> npt.NDArray[np.float64]:
        self.data.qpos[:9] = [*HOME, 0.04, 0.04]
        for _ in range(100):
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_comPos(self.model, self.data)
            self.data.qpos[:7] = self.kinematics.joint_target(self.data, Pose(START, 0.0))
        home: npt.NDArray[np.float64] = self.data.qpos[:9].copy()
        return home

    def _move_to_start(self) -> None:
        start = Pose(tuple(self.rng.uniform(-START_SPREAD, START_SPREAD, 3) + START), 0.0)
        for _ in range(5):
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_comPos(self.model, self.data)
            self.data.qpos[:7] = self.kinematics.joint_target(self.data, start)
        self.data.ctrl[:7], self.data.ctrl[7] = self.data.qpos[:7], 0.04
        mujoco.mj_forward(self.model, self.data)

    def _draw_things(self, seed: int | None) -> None:
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        for thing in self.task.things:
            box = thing.place if self.deployed else self.task.demo_region[thing.name]
            self._place(thing, box.sample(self.rng, thing.z))

    def _place(self, thing: SceneObject, pose: Pose) -> None:
        quaternion = [math.cos(pose.yaw / 2), 0.0, 0.0, math.sin(pose.yaw / 2)]
        body = self.model.body(thing.name)
        if thing.movable:
            start = self.model.jnt_qposadr[body.jntadr[0]]
            self.data.qpos[start : start + 7] = [*pose.position, *quaternion]
        else:
            self.model.body_pos[body.id], self.model.body_quat[body.id] = pose.position, quaternion

    def _pose(self, thing: SceneObject) -> Pose:
        body = self.data.body(thing.name)
        r = body.xmat
        x, y, z = body.xpos.tolist()
        return Pose((x, y, z), math.remainder(math.atan2(r[3], r[0]), thing.symmetry))

    def _seen(self, pose: Pose) -> Pose:
        x, y, z = (p + d for p, d in zip(pose.position, self.mismatch.seen_off_by, strict=True))
        return Pose((x, y, z), pose.yaw)

    def _close_renderer(self) -> None:
        if self._renderer is not None:
            close_renderer(self._renderer)
            self._renderer = None


def clamp(tool: Pose) -> Pose:
    """A tool target inside the workspace."""
    x, y, z = (min(max(p, low), high) for p, (low, high) in zip(tool.position, WORKSPACE, strict=True))
    return Pose((x, y, z), tool.yaw)
