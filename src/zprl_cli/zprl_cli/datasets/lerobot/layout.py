"""Names and places of a policy's observations and actions in a LeRobot data set of version 3."""

from dataclasses import dataclass
from pathlib import Path

from zprl_cli.datasets.columns import Columns, Source
from zprl_cli.datasets.dataset_mapping import DatasetMapping
from zprl_cli.datasets.physical import sample_names, target_names
from zprl_cli.datasets.rotation_form import RotationForm
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.arm_action import CartesianAction
from zprl_core.observation import WIDTH
from zprl_core.observation_spec import StreamSpec

VERSION = "v3.0"
STATE, ACTION, IMAGES = "observation.state", "action", "observation.images."
META = Path("meta")
SPECS = META / "zprl.json"  # ours, in a file of its own, as lerobot warns of keys that it does not know
TASKS, STATS, EPISODES = META / "tasks.parquet", META / "stats.json", META / "episodes"
FILE = "chunk-{chunk_index:03d}/file-{file_index:03d}"
DATA_PATH, VIDEO_PATH = f"data/{FILE}.parquet", f"videos/{{video_key}}/{FILE}.mp4"
CHUNK_FILES, DATA_MB, VIDEO_MB = 1000, 100, 200  # lerobot's limits for a folder and for files that it appends to
COUNTERS = ("frame_index", "episode_index", "index", "task_index")


def file_path(template: str, chunk: int, file: int, video: str = "") -> Path:
    """Returns the path of a file in the folder of the data set."""
    return Path(template.format(chunk_index=chunk, file_index=file, video_key=video))


@dataclass(frozen=True)
class LeRobotLayout:
    """The features of a data set: one vector of what is observed, one of the actions, and a video for each camera."""

    saved: SavedSpecs

    @property
    def state_names(self) -> list[str]:
        """Names of the numbers in observation.state."""
        return [name for stream in self.saved.observation.streams for name in sample_names(stream)]

    @property
    def action_names(self) -> list[str]:
        """Names of the numbers in action."""
        return [name for arm in self.saved.action.arms for name in target_names(arm)]

    def video(self, stream: StreamSpec) -> str:
        """Returns the key of a camera."""
        return IMAGES + stream.name.replace("/", "_")

    def mapping(self) -> DatasetMapping:
        """Returns the mapping that reads such a data set."""
        streams, at = {}, 0
        for stream in self.saved.observation.streams:
            size = len(sample_names(stream))
            streams[stream.name] = Source((Columns(STATE, at, at + size) if size else Columns(self.video(stream)),))
            at += size
        task = self.saved.task
        return DatasetMapping(task, streams, task=task, commands=self._commands())

    def _commands(self) -> dict[str, Source]:
        commands, at = {}, 0
        for arm in self.saved.action.arms:
            end = at + len(target_names(arm))
            form = RotationForm.ROWS if isinstance(arm.motion, CartesianAction) else RotationForm.NONE
            if arm.gripper is not None:
                commands[arm.topic(WIDTH)] = Source((Columns(ACTION, end - 1, end),))
            commands[arm.stream] = Source((Columns(ACTION, at, end - (arm.gripper is not None)),), form)
            at = end
        return commands
