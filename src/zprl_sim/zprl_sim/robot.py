"""The simulated robot: one or several arms in a scene, used by environment and node."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.arm_action import JointAction
from zprl_core.obs import Obs
from zprl_core.observation import JOINTS, TOOL, WIDTH, LazySamples, Observation, Pose, Sample
from zprl_core.observation_spec import StreamSpec
from zprl_core.seeds import scene_seed
from zprl_core.streams.camera_model import CameraModel
from zprl_core.streams.depth_pixels import depth_pixels
from zprl_sim.camera_geometry import camera_model
from zprl_sim.camera_rig import CameraRig
from zprl_sim.kinematics import ToolKinematics
from zprl_sim.rendering import find_backend, mujoco
from zprl_sim.scene import compile_scene
from zprl_sim.scene_objects import SceneObjects
from zprl_sim.settings import CONTROL_S, PHYSICS_S
from zprl_sim.sim_arm import HOME, MAX_WIDTH, START, START_SPREAD, SimArm
from zprl_sim.tasks.camera import REPORT
from zprl_sim.tasks.task import Mismatch, Task

SUBSTEPS = round(CONTROL_S / PHYSICS_S)


class SimRobot:
    """One or several Franka FR3 at a table. `deployed` enables the task's mismatch and its whole placement region."""

    def __init__(self, task: Task, deployed: bool = True, seed: int = 0, began_ns: int = 0, obs: Obs = Obs.STATE):
        """`obs`: what it observes besides its arms. Raises RuntimeError when it must render images and cannot."""
        self.task, self.deployed, self.obs = task, deployed, obs
        self.spec = task.observed(obs)
        self.mismatch = task.mismatch if deployed else Mismatch()
        self.model = compile_scene(task, self.mismatch)
        self._objects = SceneObjects(self.model, task)
        self.data = mujoco.MjData(self.model)
        self.arms = tuple(SimArm(self.model, mount, task.tilt) for mount in task.arms)
        self._in_joints = {arm.stream for arm in task.action.arms if isinstance(arm.motion, JointAction)}
        self.rng = np.random.default_rng(scene_seed(seed))  # of resets without a seed
        self.steps = 0
        self._stamp_ns = began_ns
        self._cameras = CameraRig(self.model)
        self._instant = 0  # number of the scene's state, of which an observation has images
        if obs.sees:
            find_backend()
        self._homes = self._solve_homes()
        self.reset()

    def reset(self, seed: int | None = None) -> Observation:
        """Resets to a scene drawn from `seed` or the robot's own generator. Simulated time continues."""
        mujoco.mj_resetData(self.model, self.data)
        for arm, home in zip(self.arms, self._homes, strict=True):
            arm.positions(self.data)[:] = home
        self._draw_things(seed)
        self._move_to_start()
        self.steps = 0
        self._stamp_ns += round(CONTROL_S * 1e9)
        self._instant += 1
        return self.observe()

    def place_things(self, seed: int | None = None) -> None:
        """Places the objects at new random poses and returns every other body to its start; the arms do not move."""
        kept = [(arm.positions(self.data).copy(), arm.velocities(self.data).copy()) for arm in self.arms]
        self.data.qpos[:], self.data.qvel[:] = self.model.qpos0, 0.0
        for arm, (positions, velocities) in zip(self.arms, kept, strict=True):
            arm.positions(self.data)[:], arm.velocities(self.data)[:] = positions, velocities
        self._draw_things(seed)
        mujoco.mj_forward(self.model, self.data)
        self._instant += 1

    def step(self, target: ArmTarget) -> Observation:
        """Moves the only arm toward `target` for one control step of 50 ms."""
        return self.step_arms({self.arm.name: target})

    def step_arms(self, targets: Mapping[str, ArmTarget]) -> Observation:
        """Moves each arm, by name, toward its target for one control step of 50 ms."""
        self._drive(targets)
        self._instant += 1
        self.steps += 1
        self._stamp_ns += round(CONTROL_S * 1e9)
        return self.observe()

    def observe(self) -> Observation:
        """Returns the current observation: true tools and widths, and objects with the calibration error, or images.

        An image is rendered when it is first read. Raises RuntimeError if that is after the robot's next step.
        """
        if self.obs == Obs.STATE:
            return self.observe_objects()
        makers = {stream.name: partial(self._image, stream, self._instant) for stream in self.spec.images}
        return Observation(self._stamp_ns, LazySamples(self._arm_samples(), makers))

    def observe_objects(self) -> Observation:
        """Returns the current observation with the objects, as a scripted expert needs it, whatever `obs` is."""
        off = self.mismatch.seen_off_by
        objects = {name: self.task.perceived(pose, off) for name, pose in self.things().items()}
        return Observation(self._stamp_ns, self._arm_samples() | objects)

    def things(self) -> dict[str, Pose]:
        """Returns the true poses of the objects with tilt, and yaw modulo their symmetry."""
        return self._objects.poses(self.data)

    @property
    def arm(self) -> SimArm:
        """The only arm. Raises ValueError when there are several."""
        if len(self.arms) > 1:
            raise ValueError(f"{self.task.name} has the arms {', '.join(arm.name for arm in self.arms)}; name one")
        return self.arms[0]

    @property
    def kinematics(self) -> ToolKinematics:
        """The kinematics of the only arm."""
        return self.arm.kinematics

    @property
    def width(self) -> float:
        """Opening of the gripper [m]; the smallest if there are several."""
        return min(arm.width(self.data) for arm in self.arms)

    @property
    def home(self) -> tuple[float, ...]:
        """Joint angles of the only arm [rad] at its start pose."""
        return tuple(self._homes[0][:7].tolist())

    @property
    def positions(self) -> npt.NDArray[np.float64]:
        """All positions of the scene, as in `SceneObjects.positions`."""
        return self._objects.positions(self.data)

    @property
    def joint_positions(self) -> npt.NDArray[np.float64]:
        """Positions (9,) of the only arm: seven joints [rad], two fingers [m]."""
        return self.arm.positions(self.data).copy()

    @property
    def joint_velocities(self) -> npt.NDArray[np.float64]:
        """Velocities (9,) of the only arm [rad/s] and [m/s]."""
        return self.arm.velocities(self.data).copy()

    @property
    def success(self) -> bool:
        """True if the task succeeds now."""
        return self.task.success(self.things(), self.width)

    @property
    def timed_out(self) -> bool:
        """True if the time limit is reached."""
        return self.steps >= self.task.time_limit

    def render(self, camera: str = REPORT, width: int = 320, height: int = 240) -> npt.NDArray[np.uint8]:
        """Returns an image (height, width, 3). Raises RuntimeError with a remedy where it cannot render."""
        return self._cameras.render(self.data, camera, width, height)

    def render_depth(self, camera: str, width: int, height: int) -> npt.NDArray[np.uint16]:
        """Returns the distances (height, width) along the camera's axis [mm]. Raises RuntimeError as `render` does."""
        return self._cameras.render_depth(self.data, camera, width, height)

    def fovy_deg(self, camera: str) -> float:
        """Returns a camera's vertical field of view [degrees]."""
        return float(self.model.camera(camera).fovy[0])

    def camera_model(self, camera: str, height: int, width: int) -> CameraModel:
        """Returns a camera's intrinsics for images of this size, and where it is mounted."""
        return camera_model(self.model, self.task, camera, (height, width))

    @property
    def observed_cameras(self) -> dict[str, CameraModel]:
        """The cameras of the observed images, by stream name."""
        return {stream.name: self.camera_model(stream.camera, *stream.shape[:2]) for stream in self.spec.images}

    def close(self) -> None:
        """Frees the renderers."""
        self._cameras.close()

    def _arm_samples(self) -> dict[str, Sample]:
        samples: dict[str, Sample] = {}
        for arm in self.arms:
            samples[arm.mount.topic(TOOL)], samples[arm.mount.topic(WIDTH)] = arm.pose(self.data), arm.width(self.data)
            if arm.mount.topic(JOINTS) in self._in_joints:
                samples[arm.mount.topic(JOINTS)] = arm.positions(self.data)[:7].copy()
        return samples

    def _image(self, stream: StreamSpec, instant: int) -> Sample:
        if instant != self._instant:
            raise RuntimeError(
                f"the image of camera {stream.name} was not read before the robot's next step, and its scene is gone; "
                "read the images of an observation at once, and keep them"
            )
        height, width, _ = stream.shape
        if not stream.is_depth:
            return self.render(stream.name, width, height)
        meters = np.float32(1e-3) * self.render_depth(stream.camera, width, height).astype(np.float32)
        return depth_pixels(meters[:, :, None], *stream.depth_m)

    def _drive(self, targets: Mapping[str, ArmTarget]) -> None:
        for arm in self.arms:
            arm.drive(self.data, targets[arm.name])
        mujoco.mj_step(self.model, self.data, SUBSTEPS)
        mujoco.mj_forward(self.model, self.data)

    def _solve_homes(self) -> list[npt.NDArray[np.float64]]:
        for arm in self.arms:
            arm.positions(self.data)[:] = [*HOME, MAX_WIDTH / 2, MAX_WIDTH / 2]
        self._place([Pose(START)] * len(self.arms), 100)
        return [arm.positions(self.data).copy() for arm in self.arms]

    def _move_to_start(self) -> None:
        spread = [self.rng.uniform(-START_SPREAD, START_SPREAD, 3) for _ in self.arms]
        self._place([Pose(tuple(off + START)) for off in spread], 5)
        for arm in self.arms:
            arm.rest(self.data)
        mujoco.mj_forward(self.model, self.data)

    def _place(self, tools: list[Pose], iterations: int) -> None:
        """Moves the tools to poses in their arms' base frames, without simulated motion."""
        for _ in range(iterations):
            mujoco.mj_kinematics(self.model, self.data)
            mujoco.mj_comPos(self.model, self.data)
            for arm, tool in zip(self.arms, tools, strict=True):
                arm.place(self.data, arm.mount.in_scene(tool))

    def _draw_things(self, seed: int | None) -> None:
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self._objects.place(self.data, self.rng, self.deployed)
