"""Drafts the mapping of a data set to the streams of a task or a base."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from zprl_cli.bags.like import specs_like
from zprl_cli.datasets.dataset_episode import DatasetReader
from zprl_cli.datasets.open_dataset import open_dataset
from zprl_core.arm_action import ArmAction
from zprl_core.obs import Obs
from zprl_core.observation import JOINTS, TOOL, WIDTH
from zprl_core.observation_spec import StreamKind, StreamSpec

SETTINGS = """\
# base: [0, 0, 0]           # position of the arm's base in the frame of the poses [m]
# rate_hz: 20               # of the data set, if it is another than that of the actions
# closed_below_m: 0.06      # a measured opening below this was commanded to close
"""
COMMANDS = """\
# What the arms were commanded, if it is absolute; by default what was measured in the next step:
# commands:
#   {motion}: {{columns: '{key}[0:6]', rotation: rotation_vector}}
#   width: {{columns: '{key}[6]', scale: -0.04, offset: 0.04}}    # -1 opened to 0.08 m, 1 closed
"""
FORMS = (
    "# Orientations are quaternions (x, y, z, w); others: {columns: ..., rotation: FORM}. scale makes meters, radians."
)
# robosuite's names of what an arm measures; of its gripper both fingers are there, with opposite signs.
USUAL = {
    TOOL: ("obs/robot{}_eef_pos", "obs/robot{}_eef_pos + obs/robot{}_eef_quat"),
    WIDTH: ("obs/robot{}_gripper_qpos", "{{columns: 'obs/robot{}_gripper_qpos[0]', scale: 2}}"),
    JOINTS: ("obs/robot{}_joint_pos", "obs/robot{}_joint_pos"),
}


def draft_dataset_mapping(path: Path, like: str, obs: Obs) -> str:
    """Returns the text of a mapping, with every key of the data set in a comment.

    Raises ValueError for an unknown task, RecordError when the data set cannot be read.
    """
    observation, action = specs_like(like, obs)
    reader = open_dataset(path)
    lines = [f"# Columns of {path.name}: check each. The data set has", *_described(reader)]
    lines += [f"like: {like}", f"obs: {obs.value}", *SETTINGS.splitlines(), FORMS, "streams:"]
    free = dict(reader.shapes)
    for stream in observation.streams:
        guess = _guess(stream, free, action.arms)
        free.pop(guess.split(" ")[0], None)  # two cameras have two images
        lines.append(f"  {stream.name}: {guess}")
    key = next((key for key in ("actions_abs", "actions", "action") if key in reader.shapes), "action")
    arm = action.arms[0].stream if action.arms else TOOL
    return "\n".join([*lines, *COMMANDS.format(motion=arm, key=key).splitlines()]) + "\n"


def _described(reader: DatasetReader) -> Iterable[str]:
    for key, shape in sorted(reader.shapes.items()):
        names = f": {', '.join(reader.names[key])}" if key in reader.names else ""
        yield f"#   {key} {'x'.join(map(str, shape))}{names}"[:500]


def _guess(stream: StreamSpec, shapes: Mapping[str, tuple[int, ...]], arms: tuple[ArmAction, ...]) -> str:
    if stream.kind == StreamKind.IMAGE:
        images = [key for key, shape in shapes.items() if len(shape) == 3 and shape[2] == stream.shape[2]]
        best = max(images, key=lambda key: SequenceMatcher(None, key, stream.name).ratio(), default="")
        others = [key for key in images if key != best]
        if not best:
            return "''    # the data set has no other images"
        return best + (f"    # or {', '.join(sorted(others))}" if others else "")
    place, _, own = stream.name.rpartition("/")
    numbers = [arm.arm for arm in arms]
    if own in USUAL and place in numbers:
        key, text = (each.format(*[numbers.index(place)] * 2) for each in USUAL[own])
        if key in shapes:
            return text
    name = stream.name.replace("/", "_")
    if stream.kind == StreamKind.POSE and {f"obs/{name}_pos", f"obs/{name}_quat"} <= shapes.keys():
        return f"obs/{name}_pos + obs/{name}_quat"
    return f"''    # columns of {_wanted(stream)}"


def _wanted(stream: StreamSpec) -> str:
    match stream.kind:
        case StreamKind.POSE:
            return "a position [m] and an orientation, such as KEY[0:3] + OTHER_KEY"
        case StreamKind.WIDTH:
            return "the gripper's opening, such as KEY[7]"
        case _:
            return f"{stream.state_size} numbers, such as KEY[0:{stream.state_size}]"
