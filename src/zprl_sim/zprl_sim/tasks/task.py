"""What a task is: a scene, its random resets, its success, and what makes a base policy fail at it.

Frame: the arm's base, whose foot stands on the table (z = 0); `world` when there are several. Meters, radians.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from zprl_core import topic_names
from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.rotation import Rotation
from zprl_sim.tasks.bodies import CAMERA, LOOK, Point, Scene
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.waypoints import Waypoint

MOST_TILT = 1.2  # [rad]: farther on roll, pitch and yaw lose their meaning, and the arm its reach
WORLD = "world"  # the frame of a scene with several arms: its origin on the table, z up


@dataclass(frozen=True)
class PlacementRegion:
    """Where something may be put at a reset."""

    x: tuple[float, float]
    y: tuple[float, float]
    yaw: tuple[float, float] = (0.0, 0.0)
    roll: tuple[float, float] | None = None  # None: upright

    def __post_init__(self) -> None:
        if any(low > high for low, high in (self.x, self.y, self.yaw, self.roll or (0.0, 0.0))):
            raise ValueError(f"a box goes from low to high, got {self}")

    def sample(self, rng: np.random.Generator, z: float) -> Pose:
        pose = Pose((rng.uniform(*self.x), rng.uniform(*self.y), z), rng.uniform(*self.yaw))
        return pose if self.roll is None else replace(pose, roll=rng.uniform(*self.roll))


@dataclass(frozen=True)
class SceneObject:
    """An object that the policy perceives. A movable one has a free joint, a fixture is placed at reset."""

    name: str
    place: PlacementRegion
    z: float  # of its origin when it stands on the table
    symmetry: float = np.pi / 2  # its yaw is perceived modulo this
    movable: bool = True


@dataclass(frozen=True)
class Imperfections:
    """What a person does wrong in a demonstration, at quality 0. Quality 1 does none of it."""

    offset_m: float = 0.010  # deviation of a grasp offset along x and y that lasts an episode
    offset_rad: float = 0.1
    slowest: float = 0.5  # speed of the slowest episode, as a fraction of full speed
    pause: float = 0.05  # chance per step to stop and think
    pause_steps: int = 5
    haste_m: float = 0.012  # the gripper closes or opens this far before it is there

    def __post_init__(self) -> None:
        if min(self.offset_m, self.offset_rad, self.pause_steps, self.haste_m) < 0:
            raise ValueError(f"offsets, pauses and haste must not be negative, got {self}")
        if not (0 < self.slowest <= 1 and 0 <= self.pause < 1):
            raise ValueError(f"slowest lies in (0, 1] and pause in [0, 1), got {self}")


@dataclass(frozen=True)
class Mismatch:
    """How deployment differs from the demonstrations."""

    seen_off_by: tuple[float, float, float] = (
        0.0,
        0.0,
        0.0,
    )  # added to every perceived position [m]
    friction: float = 1.0  # factor on the objects' friction
    size: float = 1.0  # factor on the objects' size
    gain: float = 1.0  # factor on the arm's stiffness

    def __post_init__(self) -> None:
        if min(self.friction, self.size, self.gain) <= 0:
            raise ValueError(f"factors of a mismatch must be positive, got {self}")


class Success(Protocol):
    def __call__(self, things: dict[str, Pose], width: float) -> bool:
        """Where the things are, and the opening of the gripper [m]; of several, the smallest."""


@dataclass(frozen=True)
class Task:
    """Everything that distinguishes one task from another."""

    name: str
    things: tuple[SceneObject, ...]
    build: "Builder"
    plan: "Planner"
    success: Success
    time_limit: int  # control steps of 50 ms
    demo_region: dict[str, PlacementRegion]  # where the demonstrations put things: a part of where they can be
    imperfections: Imperfections = field(default_factory=Imperfections)
    mismatch: Mismatch = field(default_factory=Mismatch)
    action: ActionSpec = PLANAR
    tilt: float = 0.0  # how far roll and pitch of the tool may go [rad]; 0: the hand points down
    arms: tuple[ArmMount, ...] = (ArmMount(),)
    view: tuple[Point, Point] = (CAMERA, LOOK)  # where the camera `front` is, and where it looks [m]
    recipe: Recipe = field(default_factory=Recipe)  # how much data and training it needs

    def __post_init__(self) -> None:
        if self.time_limit < 1:
            raise ValueError(f"{self.name}: the time limit must be at least one control step, got {self.time_limit}")
        if set(self.demo_region) != set(self.objects):
            raise ValueError(
                f"{self.name}: demo_region names {sorted(self.demo_region)}, the things are {self.objects}"
            )

        if not 0.0 <= self.tilt <= MOST_TILT:
            raise ValueError(f"{self.name}: tilt lies in [0, {MOST_TILT}] rad, got {self.tilt}")
        told, stand = [(arm.arm, arm.frame) for arm in self.action.arms], [(m.arm, self.frame) for m in self.arms]
        if told != stand:
            raise ValueError(f"{self.name}: the action is for the arms and frames {told}, the scene has {stand}")

    @property
    def frame(self) -> str:
        """The frame of every pose: the base of the only arm, or `world`."""
        return frame_of(self.arms)

    @property
    def observation(self) -> ObservationSpec:
        """What a policy of this task sees."""
        rotation = Rotation.SIX if self.tilt else Rotation.YAW
        seen = arm_observation(self.objects, tuple(mount.arm for mount in self.arms), self.frame, rotation)
        joints = tuple(joint_stream(arm) for arm in self.action.arms if isinstance(arm.motion, JointAction))
        return ObservationSpec(seen.streams + joints)

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the perceived objects, in the order of the state vector."""
        return tuple(thing.name for thing in self.things)


def frame_of(mounts: tuple[ArmMount, ...]) -> str:
    """The frame of a scene with these arms."""
    return FR3.base_frame if len(mounts) == 1 else WORLD


def joint_stream(arm: ArmAction) -> StreamSpec:
    """The joints that a policy sees which commands them."""
    assert isinstance(arm.motion, JointAction)
    names = arm.motion.joints
    topic = arm.topic(topic_names.JOINT_STATES)
    return StreamSpec(arm.stream, topic, StreamKind.JOINTS, (len(names),), "rad", joints=names)


def planar_action(mounts: tuple[ArmMount, ...]) -> ActionSpec:
    """dx, dy, dz, dyaw, grip for each arm, in its order, along the axes of the scene's frame."""
    return ActionSpec(tuple(ArmAction(mount.arm, frame=frame_of(mounts)) for mount in mounts))


class Builder(Protocol):
    def __call__(self, scene: Scene, size: float, friction: float) -> None: ...


class Planner(Protocol):
    def __call__(self, things: dict[str, Pose]) -> tuple[Waypoint, ...]: ...
