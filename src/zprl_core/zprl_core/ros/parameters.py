"""A dataclass as ROS parameters: one door of two to the same numbers (the other is the command line)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types

T = TypeVar("T")

HELP = {
    "base": "folder of the frozen base policy (checkpoint.json)",
    "actor": "folder of an actor's checkpoint to start from; empty: none",
    "run": "name of the run; transitions and weights of others are refused",
    "run_folder": "folder that takes record, checkpoints and metrics; a run that is there goes on",
    "state_folder": "folder that keeps this robot's journal and weights; empty: none, and nothing is learned from it",
    "journal_limit_mb": "size of the journal at which the robot stops until the learner has caught up [MB]",
    "robot": "name of this robot",
    "mode": "base, finetune, evaluate or hold",
    "lockstep": "true: answer every state exactly once; false: tick at control_rate in real time",
    "control_rate": "control steps per second [Hz]",
    "enable_at_start": "true: armed without a person; for simulated arms only",
    "scene_resets": "whether somebody offers scene/reset, to be asked after the arm's own reset",
    "cameras": "names of the cameras that must be alive for a policy to move the arm",
    "command_gain": "of a policy's commands, for an arm that lags: it is told to be so many times the distance ahead",
    "dead_man": "whether a person must hold a teleoperation device's enable button",
    "stale_s": "a stream older than this holds the arm [s]",
    "seed": "seed of every random number",
    "checkpoint_every_s": "wall time between two checkpoints [s]",
    "nice": "how far the learner stands back for the control loop (nice value)",
    "publish_every": "updates between two sets of actor weights",
    "discount": "g per control step",
    "automatic": "true: reset and label without a person",
    "time_limit_s": "an episode's time limit [s]; 0: what the simulator says",
    "max_update_debt": "wait before a reset while the learner owes more updates; 0: never wait",
    "max_episodes": "end after so many episodes; 0: never",
    "wait_for_learner": "begin no episode before a learner has spoken: what it would have learned from is lost",
    "steering.steer": "what u is added to: latent, action, noise or nothing",
    "steering.latent_ratio": "lambda in units of RMS(z)",
    "steering.latent_scale": "lambda itself; 0: by latent_ratio",
    "learner.utd": "updates per transition, at most",
    "learner.warmup": "transitions before the first update",
    "learner.capacity": "transitions that the replay keeps",
    "name": "name of this camera, in its topics and frames",
    "serial": "serial number of a RealSense, also as _123; empty: the only one there is",
    "device": "a camera's: /dev/video0, /dev/v4l/by-id/..., or a video file; empty: a RealSense. A person's: keyboard, "
    "gamepad or spacemouse",
    "width": "of the pictures [px]",
    "height": "of the pictures [px]",
    "fps": "pictures per second [Hz]",
    "fourcc": "pixel format of a V4L2 camera, for example MJPG; empty: the driver's choice",
    "exposure": "in the driver's unit; 0: automatic",
    "depth": "true: depth too, also aligned to colour (RealSense)",
    "compressed": "true: JPEG colour and PNG depth beside the raw topics",
    "jpeg_quality": "1..100",
    "frozen_s": "the same picture for so long: the camera hangs [s]; 0: never",
    "lost_s": "no picture for so long: the camera is opened again [s]",
    "retry_s": "wait before the camera is opened again; doubles with each failure [s]",
    "retry_max_s": "the longest of these waits [s]",
    "calibration": "calibration file; empty: none",
    "direct": "true: read gamepad or SpaceMouse here, without joy_node or spacenav",
    "path": "of the device that is read here: /dev/input/js0, /dev/hidraw3; empty: the first there is",
    "linear": "speed at full travel [m/s]",
    "angular": "speed at full travel [rad/s]",
    "feel.dead_zone": "of an axis' travel; beyond it motion begins at 0",
    "feel.threshold": "of what is left, from where on the person takes over",
    "silence_s": "silence of a Joy topic after which the device counts as unplugged [s]",
    "look_s": "between two looks for a device that is not there [s]",
    "key_s": "how long a key moves the arm without being repeated [s]",
    "enable_s": "keyboard: time without any key after which it is no longer enabled [s]",
}
RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31 - 1),
    "nice": (0, 19),
    "control_rate": (1.0, 200.0),
    "stale_s": (0.01, 10.0),
    "discount": (0.0, 1.0),
    "publish_every": (1, 1_000_000),
    "learner.utd": (0.0, 100.0),
    "learner.sac.discount": (0.0, 1.0),
    "learner.sac.tau": (0.0, 1.0),
    "exploration.random_fraction": (0.0, 1.0),
    "exploration.after_warmup": (0.0, 1.0),
}


def declare(
    node: Node, defaults: Any, help_: Mapping[str, str] = HELP, ranges: Mapping[str, tuple[float, float]] = RANGES
) -> None:
    """Declare every number of the dataclass `defaults`, with description and range, read-only."""
    for name, value in flatten(defaults).items():
        kind = Parameter.Type.STRING_ARRAY if value == () else value  # an empty list has no type of its own
        node.declare_parameter(name, kind, _descriptor(name, value, help_, ranges))


def read(node: Node, kind: type[T], defaults: Any) -> T:
    """The dataclass `kind` of the node's parameters. Raises ValueError that names what does not fit."""
    empty = Parameter("", Parameter.Type.STRING_ARRAY, [])
    values = {
        name: (node.get_parameter_or(name, empty) if value == () else node.get_parameter(name)).value
        for name, value in flatten(defaults).items()
    }
    check_types(kind, values)
    return unflatten(kind, values)


def _descriptor(
    name: str, value: Any, help_: Mapping[str, str], ranges: Mapping[str, tuple[float, float]]
) -> ParameterDescriptor:
    text = help_.get(name, name.rpartition(".")[2].replace("_", " "))
    descriptor = ParameterDescriptor(description=text, read_only=True)
    if name in ranges:
        low, high = ranges[name]
        if isinstance(value, int):
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    return descriptor
