"""Control steps of made-up episodes, for the formats of other tools."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction, JointAction
from zprl_core.bags.bag_step import BagStep
from zprl_core.observation import JOINTS, TOOL, WIDTH, Observation, Pose, Sample
from zprl_core.observation_spec import (
    ObservationSpec,
    StreamKind,
    StreamSpec,
    arm_observation,
    camera_stream,
    depth_stream,
)  # fmt: skip
from zprl_core.rotation import Rotation

LIFT = SavedSpecs("lift", arm_observation(("cube",)), ActionSpec())
SIZE = (48, 64)


def seeing(cameras: Sequence[str] = ("front",), depth: bool = False) -> SavedSpecs:
    """Specs of an arm with cameras of 64x48."""
    streams = [replace(camera_stream(name), shape=(*SIZE, 3)) for name in cameras]
    streams += [depth_stream("front", 0.1, 1.0, SIZE)] if depth else []
    return replace(LIFT, observation=ObservationSpec((*arm_observation(()).streams, *streams)))


def two_tilted_arms() -> SavedSpecs:
    """Specs of two arms whose tools may tilt, the second without a gripper, and an object."""
    own = arm_observation(("box",), ("left", "right"), rotation=Rotation.SIX).streams
    streams = tuple(stream for stream in own if stream.name != f"right/{WIDTH}")
    motion = CartesianAction(Rotation.VECTOR)
    arms = ArmAction("left", motion), ArmAction("right", motion, gripper=None)
    return SavedSpecs("box", ObservationSpec(streams), ActionSpec(arms))


def joint_arm() -> SavedSpecs:
    """Specs of an arm that is commanded in its joints, and a vector."""
    names = ("j1", "j2")
    streams = (
        StreamSpec(JOINTS, "joint_states", StreamKind.JOINTS, (2,), joints=names),
        StreamSpec(WIDTH, "joint_states", StreamKind.WIDTH),
        StreamSpec("force", "force", StreamKind.VECTOR, (3,)),
    )
    arm = ArmAction(motion=JointAction(names), gripper=GripperAction(0.1))
    return SavedSpecs("reach", ObservationSpec(streams), ActionSpec((arm,), rate_hz=10.0))


def episode(saved: SavedSpecs, count: int, seed: int = 0) -> tuple[BagStep, ...]:
    """Returns steps of an arm that follows its targets, with random orientations where the specs have them."""
    random = np.random.default_rng(seed)
    return tuple(_step(saved, i, random) for i in range(count))


def _step(saved: SavedSpecs, i: int, random: np.random.Generator) -> BagStep:
    samples = {stream.name: _sample(stream, i, random) for stream in saved.observation.streams}
    stamp_ns = round(i / saved.action.rate_hz * 1e9)
    targets = {arm.arm: _target(arm, samples, random) for arm in saved.action.arms}
    return BagStep(i, stamp_ns, Observation(stamp_ns, samples), targets, clipped=False, person=False)


def _sample(stream: StreamSpec, i: int, random: np.random.Generator) -> Sample:
    match stream.kind:
        case StreamKind.POSE:
            tilt = (0.0, 0.0) if stream.rotation == Rotation.YAW else random.uniform(-0.5, 0.5, 2)
            yaw = float(random.uniform(-math.pi, math.pi))
            return Pose((0.4 + 0.01 * i, 0.02, 0.3), yaw, float(tilt[0]), float(tilt[1]))
        case StreamKind.WIDTH:
            return 0.08 if i < 5 else 0.03
        case StreamKind.IMAGE:
            return _image(stream.shape, i)
        case _:
            return random.uniform(-1.0, 1.0, stream.shape)


def _image(shape: tuple[int, ...], i: int) -> np.ndarray:
    """A smooth image, as a camera has it, in which a square moves."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    image = np.stack([2 * x + 40, 3 * y + 60, 255 - 2 * x], axis=-1).astype(np.uint8)[:, :, : shape[2]]
    image[8:24, 4 + 2 * i : 20 + 2 * i] = 200
    return image


def _target(arm: ArmAction, samples: dict[str, Sample], random: np.random.Generator) -> ArmTarget:
    width = math.nan if arm.gripper is None else float(random.choice([0.0, arm.gripper.open_width_m]))
    if isinstance(arm.motion, JointAction):
        here = np.asarray(samples[arm.stream], dtype=np.float64)
        return ArmTarget(None, width, tuple((here + random.uniform(-0.05, 0.05, len(here))).tolist()))
    tool = samples[f"{arm.arm}/{TOOL}" if arm.arm else TOOL]
    assert isinstance(tool, Pose)
    x, y, z = np.add(tool.position, random.uniform(-0.02, 0.02, 3)).tolist()
    return ArmTarget(Pose((x, y, z), tool.yaw + 0.05, tool.roll, tool.pitch), width)
