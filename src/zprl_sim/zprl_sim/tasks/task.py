"""The definition of a task: its scene, random resets, success, and the mismatch at which a base policy fails.

Frame: the arm's base, which stands on the table (z = 0); `world` if there are several arms. Meters, radians.
"""

from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Protocol

import numpy as np

from zprl_core import topic_names
from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.arm_model import FR3
from zprl_core.obs import Obs
from zprl_core.observation import Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation, camera_observation
from zprl_core.rotation import Rotation
from zprl_sim.tasks.bodies import CAMERA, LOOK, Scene
from zprl_sim.tasks.camera import DEPTH_M, FRONT, WRIST, CameraOffset, CameraPose, Point
from zprl_sim.tasks.goal import GoalRegion
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.waypoints import Waypoint

MOST_TILT = 1.2  # [rad]; beyond it roll, pitch and yaw become ambiguous and the arm loses its reach
VIEW = CameraPose((1.08, -0.20, 0.56), (0.48, 0.03, 0.11), 37.0)
WORLD = "world"  # the frame of a scene with several arms: its origin on the table, z up


@dataclass(frozen=True)
class PlacementRegion:
    """The region in which an object is placed at a reset."""

    x: tuple[float, float]
    y: tuple[float, float]
    yaw: tuple[float, float] = (0.0, 0.0)
    roll: tuple[float, float] | None = None  # None for upright

    def __post_init__(self) -> None:
        if any(low > high for low, high in (self.x, self.y, self.yaw, self.roll or (0.0, 0.0))):
            raise ValueError(f"the low end of a range must not exceed its high end, got {self}")

    def sample(self, rng: np.random.Generator, z: float) -> Pose:
        pose = Pose((rng.uniform(*self.x), rng.uniform(*self.y), z), rng.uniform(*self.yaw))
        return pose if self.roll is None else replace(pose, roll=rng.uniform(*self.roll))


@dataclass(frozen=True)
class SceneObject:
    """An object that the policy perceives. A movable one has a free joint; a fixture is placed at each reset."""

    name: str
    place: PlacementRegion
    z: float  # height of its origin when it stands on the table
    symmetry: float = np.pi / 2  # its yaw is perceived modulo this
    movable: bool = True


@dataclass(frozen=True)
class ScenePart:
    """A part that the policy perceives, on a slide or hinge of the scene, such as a drawer or a door."""

    name: str  # of its body, which has one slide or hinge joint
    start: tuple[float, float] = (0.0, 0.0)  # a reset draws the joint's position from this range [m] or [rad]
    symmetry: float = 2 * np.pi  # its yaw is perceived modulo this

    def __post_init__(self) -> None:
        if not self.start[0] <= self.start[1]:
            raise ValueError(f"{self.name}: the low end of start must not exceed its high end, got {self.start}")


@dataclass(frozen=True)
class Imperfections:
    """Imperfections of a demonstration of quality 0. At quality 1 there are none."""

    offset_m: float = 0.010  # standard deviation of the grasp offset in x and y, constant in an episode
    offset_rad: float = 0.1
    slowest: float = 0.5  # speed of the slowest episode, as a fraction of full speed
    pause: float = 0.05  # probability per step of a pause
    pause_steps: int = 5
    haste_m: float = 0.012  # the gripper closes or opens this far before it arrives

    def __post_init__(self) -> None:
        if min(self.offset_m, self.offset_rad, self.pause_steps, self.haste_m) < 0:
            raise ValueError(f"offsets, pauses and haste must not be negative, got {self}")
        if not (0 < self.slowest <= 1 and 0 <= self.pause < 1):
            raise ValueError(f"slowest must be in (0, 1] and pause in [0, 1), got {self}")


@dataclass(frozen=True)
class Mismatch:
    """The differences between deployment and demonstrations."""

    seen_off_by: tuple[float, float, float] = (
        0.0,
        0.0,
        0.0,
    )  # added to every perceived position [m]
    friction: float = 1.0  # factor on the sliding friction of every contact
    size: float = 1.0  # factor on the objects' size
    gain: float = 1.0  # factor on the arm's stiffness
    cameras: tuple[CameraOffset, ...] = ()  # cameras that are mounted off, for policies that observe images

    def __post_init__(self) -> None:
        if min(self.friction, self.size, self.gain) <= 0:
            raise ValueError(f"factors of a mismatch must be positive, got {self}")


class Success(Protocol):
    def __call__(self, things: dict[str, Pose], width: float) -> bool:
        """Returns True if the task succeeds, given the objects' poses and the (smallest) gripper opening [m]."""


@dataclass(frozen=True)
class Task:
    """The complete definition of one task."""

    name: str
    things: tuple[SceneObject | ScenePart, ...]
    build: "Builder"
    plan: "Planner"
    success: Success
    time_limit: int  # control steps of 50 ms
    demo_region: dict[str, PlacementRegion]  # placement in the demonstrations, part of the whole region
    imperfections: Imperfections = field(default_factory=Imperfections)
    mismatch: Mismatch = field(default_factory=Mismatch)
    action: ActionSpec = PLANAR
    tilt: float = 0.0  # greatest roll and pitch of the tool [rad]; 0: the gripper points down
    arms: tuple[ArmMount, ...] = (ArmMount(),)
    view: tuple[Point, Point] = (CAMERA, LOOK)  # position of the report's camera and the point that it looks at [m]
    goal: GoalRegion | None = None  # shown in viewers
    front: CameraPose = VIEW  # the camera `front`, which a policy may observe
    recipe: Recipe = field(default_factory=Recipe)  # data and training that it needs

    def __post_init__(self) -> None:
        if self.time_limit < 1:
            raise ValueError(f"{self.name}: the time limit must be at least one control step, got {self.time_limit}")
        if self.action.rate_hz != PLANAR.rate_hz:
            raise ValueError(
                f"{self.name}: a scene is simulated at {PLANAR.rate_hz:g} control steps per second, the action has "
                f"{self.action.rate_hz:g}; for another rate pretrain on recorded demonstrations (zprl pretrain --demos)"
            )
        placed = {thing.name for thing in self.things if isinstance(thing, SceneObject)}
        if set(self.demo_region) != placed:
            raise ValueError(
                f"{self.name}: demo_region has {sorted(self.demo_region)}, but the objects are {sorted(placed)}"
            )
        if len(signature(self.build).parameters) != len(signature(Builder.__call__).parameters) - 1:
            raise ValueError(
                f"{self.name}: build takes (scene, size); a mismatch's friction is applied to every contact"
            )
        if len(self.arms) == 1 and self.arms[0] != ArmMount():
            raise ValueError(f"{self.name}: the only arm has no name and stands at the origin; use ArmMount()")
        if not 0.0 <= self.tilt <= MOST_TILT:
            raise ValueError(f"{self.name}: tilt must be in [0, {MOST_TILT}] rad, got {self.tilt}")
        unknown = sorted({offset.camera for offset in self.mismatch.cameras} - set(self.cameras))
        if unknown:
            raise ValueError(f"{self.name}: mismatch has cameras {unknown}, but the scene has {list(self.cameras)}")
        commanded, mounted = [(a.arm, a.frame) for a in self.action.arms], [(m.arm, self.frame) for m in self.arms]
        if commanded != mounted:
            raise ValueError(
                f"{self.name}: the action is for the arms and frames {commanded}, but the scene has {mounted}"
            )

    @property
    def frame(self) -> str:
        """The frame of every pose: the base of the only arm, or `world`."""
        return frame_of(self.arms)

    @property
    def observation(self) -> ObservationSpec:
        """The observation spec of a policy of this task that observes the objects' poses."""
        return self.observed(Obs.STATE)

    def observed(self, obs: Obs) -> ObservationSpec:
        """Returns the observation spec of a policy of this task: the arms, and the objects or the cameras."""
        arms, rotation = tuple(mount.arm for mount in self.arms), Rotation.SIX if self.tilt else Rotation.YAW
        seen = (
            camera_observation(self.cameras, arms, self.frame, rotation, DEPTH_M if obs == Obs.RGBD else None)
            if obs.sees
            else arm_observation(self.objects, arms, self.frame, rotation)
        )
        joints = tuple(joint_stream(arm) for arm in self.action.arms if isinstance(arm.motion, JointAction))
        return ObservationSpec(seen.streams + joints)

    @property
    def cameras(self) -> tuple[str, ...]:
        """The names of the cameras that a policy may observe."""
        return FRONT, *(mount.topic(WRIST) for mount in self.arms)

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of the perceived objects, in the order of the state vector."""
        return tuple(thing.name for thing in self.things)

    def perceived(self, pose: Pose, off: Point) -> Pose:
        """Returns an object's true pose as a policy perceives it: off by `off` [m], with tilt if the gripper tilts."""
        x, y, z = (p + d for p, d in zip(pose.position, off, strict=True))
        return Pose((x, y, z), pose.yaw, pose.roll, pose.pitch) if self.tilt else Pose((x, y, z), pose.yaw)


def frame_of(mounts: tuple[ArmMount, ...]) -> str:
    """Returns the frame of a scene with these arms."""
    return FR3.base_frame if len(mounts) == 1 else WORLD


def joint_stream(arm: ArmAction) -> StreamSpec:
    """Returns the joint stream for a policy that commands the joints."""
    assert isinstance(arm.motion, JointAction)
    names = arm.motion.joints
    topic = arm.topic(topic_names.JOINT_STATES)
    return StreamSpec(arm.stream, topic, StreamKind.JOINTS, (len(names),), "rad", joints=names)


def planar_action(mounts: tuple[ArmMount, ...]) -> ActionSpec:
    """Returns the spec with dx, dy, dz, dyaw, grip for each arm, along the axes of the scene's frame."""
    return ActionSpec(tuple(ArmAction(mount.arm, frame=frame_of(mounts)) for mount in mounts))


class Builder(Protocol):
    def __call__(self, scene: Scene, size: float) -> None:
        """Adds the task's bodies to the scene; `size` is the factor on the objects' size."""


class Planner(Protocol):
    def __call__(self, things: dict[str, Pose]) -> tuple[Waypoint, ...]: ...
