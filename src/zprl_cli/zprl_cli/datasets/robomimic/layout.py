"""Names and places of a policy's observations and actions in a robomimic HDF5 file."""

from collections.abc import Mapping
from dataclasses import dataclass

from zprl_cli.datasets.columns import Columns, Source
from zprl_cli.datasets.dataset_mapping import DatasetMapping
from zprl_cli.datasets.physical import target_names
from zprl_cli.datasets.rotation_form import RotationForm
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.arm_action import ArmAction, CartesianAction, GripperAction
from zprl_core.observation import JOINTS, TOOL, WIDTH
from zprl_core.observation_spec import StreamKind, StreamSpec

ACTIONS = "actions"
# robomimic's names of what an arm measures, after robot0_, robot1_ and so on.
OWN = {TOOL: "eef", WIDTH: "gripper_qpos", JOINTS: "joint_pos"}


@dataclass(frozen=True)
class RobomimicLayout:
    """The keys under a demonstration's group, by the arms of its action spec: the first arm is robot0."""

    saved: SavedSpecs

    def keys(self, stream: StreamSpec) -> tuple[str, ...]:
        """Returns the keys of a stream: two for a pose, its position and its quaternion."""
        name = f"obs/{self._name(stream.name)}"
        if stream.kind == StreamKind.POSE:
            return f"{name}_pos", f"{name}_quat"
        if stream.kind == StreamKind.IMAGE:
            return (f"{name.removesuffix('_depth')}_{'depth' if stream.is_depth else 'image'}",)
        return (name,)

    def mapping(self) -> DatasetMapping:
        """Returns the mapping that reads such a file."""
        streams = {stream.name: self._source(stream) for stream in self.saved.observation.streams}
        commands: dict[str, Source] = {}
        at = 0
        for arm in self.saved.action.arms:
            commands |= _commands(arm, at)
            at += len(target_names(arm))
        return DatasetMapping(self.saved.task, streams, task=self.saved.task, commands=commands)

    def _name(self, stream: str) -> str:
        place, _, own = stream.rpartition("/")
        arms = [arm.arm for arm in self.saved.action.arms]
        if place in arms and own in OWN:
            return f"robot{arms.index(place)}_{OWN[own]}"
        return stream.replace("/", "_")

    def _source(self, stream: StreamSpec) -> Source:
        columns = tuple(Columns(key) for key in self.keys(stream))
        if stream.kind == StreamKind.WIDTH:
            return Source((Columns(columns[0].key, 0, 1),), scale=2.0)
        return Source(columns)


def fingers(width: float) -> list[float]:
    """Returns the joints of a Panda's two fingers for an opening [m], as robosuite has them."""
    return [width / 2.0, -width / 2.0]


def closing(gripper: GripperAction, width: float) -> float:
    """Returns robomimic's command of a gripper for a commanded width [m]: -1 opens, 1 closes."""
    return 1.0 - 2.0 * width / gripper.open_width_m


def _commands(arm: ArmAction, at: int) -> Mapping[str, Source]:
    size = len(target_names(arm)) - (arm.gripper is not None)
    form = RotationForm.ROWS if isinstance(arm.motion, CartesianAction) else RotationForm.NONE
    found = {arm.stream: Source((Columns(ACTIONS, at, at + size),), form)}
    if arm.gripper is not None:
        half = arm.gripper.open_width_m / 2.0
        place = Columns(ACTIONS, at + size, at + size + 1)
        found[arm.topic(WIDTH)] = Source((place,), scale=-half, offset=half)
    return found
