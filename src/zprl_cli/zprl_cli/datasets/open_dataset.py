"""Opens a data set of any format, and finds its mapping."""

from dataclasses import dataclass, replace
from pathlib import Path

from zprl_cli.bags.like import specs_like
from zprl_cli.datasets.dataset_episode import DatasetReader
from zprl_cli.datasets.dataset_format import DatasetFormat, format_of
from zprl_cli.datasets.dataset_mapping import DatasetMapping
from zprl_cli.datasets.episode_steps import check_columns, commanded_streams
from zprl_cli.datasets.lerobot.layout import LeRobotLayout
from zprl_cli.datasets.lerobot.reader import LeRobotReader
from zprl_cli.datasets.robomimic.layout import RobomimicLayout
from zprl_cli.datasets.robomimic.reader import RobomimicReader
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.action_spec import ActionSpec
from zprl_core.errors import RecordError
from zprl_core.observation_spec import ObservationSpec, StreamKind


@dataclass(frozen=True)
class MappedDataset:
    """A data set with the mapping that reads it, and the specs of its demonstrations."""

    reader: DatasetReader
    mapping: DatasetMapping
    specs: SavedSpecs
    own: bool  # an export of zprl

    @property
    def keys(self) -> set[str]:
        """The arrays that are needed."""
        sources = (*self.mapping.streams.values(), *self.mapping.commands.values())
        return {columns.key for source in sources for columns in source.columns}


def open_dataset(path: Path) -> DatasetReader:
    """Opens the demonstrations at `path`. Raises RecordError when they cannot be read."""
    match format_of(path):
        case DatasetFormat.ROBOMIMIC:
            return RobomimicReader(path)
        case DatasetFormat.LEROBOT:
            return LeRobotReader(path)


def map_dataset(path: Path, mapping: DatasetMapping | None) -> MappedDataset:
    """Opens the demonstrations at `path`; those that zprl exported need no mapping.

    Raises RecordError when they cannot be read or do not fit the mapping, ValueError when it does not fit its specs.
    """
    reader = open_dataset(path)
    own = mapping is None
    if mapping is None:
        if reader.saved is None:
            raise RecordError(
                f"{path} is no export of zprl, so it needs a mapping: zprl bags map {path} --out map.yaml drafts one, "
                "and --map map.yaml uses it"
            )
        specs = reader.saved
        mapping = RobomimicLayout(specs).mapping() if path.is_file() else LeRobotLayout(specs).mapping()
    else:
        observation, action = specs_like(mapping.like, mapping.obs)
        mapping.check(observation, action)
        specs = SavedSpecs(mapping.task or Path(mapping.like).name, observation, _at_rate(reader, mapping, action))
    _check(reader, mapping, specs)
    return MappedDataset(reader, mapping, replace(specs, observation=_sized(reader, mapping, specs.observation)), own)


def _at_rate(reader: DatasetReader, mapping: DatasetMapping, action: ActionSpec) -> ActionSpec:
    """Returns the action spec at the rate of the data set. Raises RecordError when that is another than expected."""
    wanted = mapping.rate_hz or action.rate_hz
    if reader.rate_hz is not None and abs(reader.rate_hz - wanted) > 1e-3:
        raise RecordError(
            f"{reader.path} has {reader.rate_hz:g} steps per second, {mapping.like} acts at {wanted:g} Hz; write "
            f"rate_hz: {reader.rate_hz:g} into the mapping for a base that acts at that rate, or resample the data set"
        )
    return replace(action, rate_hz=wanted)


def _check(reader: DatasetReader, mapping: DatasetMapping, specs: SavedSpecs) -> None:
    for stream in specs.observation.streams:
        check_columns(reader.path, reader.shapes, mapping.streams[stream.name], stream, stream.name)
    for name, stream in commanded_streams(specs.observation, specs.action, mapping).items():
        check_columns(reader.path, reader.shapes, mapping.commands[name], stream, f"the command of {name}")


def _sized(reader: DatasetReader, mapping: DatasetMapping, observation: ObservationSpec) -> ObservationSpec:
    """Gives each camera the size of its images in the data set."""
    return replace(
        observation,
        streams=tuple(
            replace(s, shape=reader.shapes[mapping.streams[s.name].columns[0].key]) if s.kind == StreamKind.IMAGE else s
            for s in observation.streams
        ),
    )
