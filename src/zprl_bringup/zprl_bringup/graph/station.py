"""The station: arm, cameras, limits, rates and learning settings of one robot and task, in one YAML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import yaml

from zprl.checkpoints.metadata import read_base_config
from zprl.rl.config import ExplorationConfig, FinetuneConfig, LearnerConfig, SacConfig, SteeringConfig
from zprl_bringup.graph.network import Network
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.spec import Parameter
from zprl_control.safety.limits import Limits
from zprl_core.config.metadata import CONTROL_RATES, GAINS, Range, check_ranges
from zprl_core.config.override import flat_names, override
from zprl_core.config.yaml_file import parse_yaml
from zprl_core.errors import quoted
from zprl_hardware.cameras.camera import CameraSettings
from zprl_hardware.franka.config import FrankyConfig

OLD_NAMES = {"chunk.execute": "n_action_steps", "lead": "command_gain"}  # names in files of earlier versions
LONGEST = 100_000  # largest station file [bytes]
REAL_ARM = FinetuneConfig(
    learner=LearnerConfig(sac=SacConfig(critics=5), utd=2.0, warmup=500),
    steering=SteeringConfig(latent_scale=0.2),
    exploration=ExplorationConfig(random_fraction=0.0),
)
"""The authors' ranges for a real arm: 5 to 10 critics, 2 to 5 updates a chunk, lambda 0.15 to 0.2, 500 chunks with
u = 0 before the first update."""


@dataclass(frozen=True)
class Chunk:
    """Chunk sizes that the base policy must have been pretrained with."""

    horizon: Annotated[int, "H: actions of a chunk that the base predicts", Range(1, 1000)] = 16
    n_action_steps: Annotated[int, "T_a: actions of a chunk that are executed", Range(1, 1000)] = 8

    def __post_init__(self) -> None:
        check_ranges(self, "chunk.")
        if not 1 <= self.n_action_steps <= self.horizon:
            raise ValueError(
                f"chunk.n_action_steps must lie within 1..chunk.horizon, got {self.n_action_steps} and {self.horizon}"
            )


@dataclass(frozen=True)
class Station:
    """Settings of a station file; field names are the file's names, and values that it omits keep these defaults."""

    task: Annotated[str, "name of the task, for the operator and for the run's folder"] = ""
    control_rate: Annotated[float, "control steps per second of arm and policy [Hz]", CONTROL_RATES] = 20.0
    time_limit_s: Annotated[float, "time limit of an episode [s]; 0: none, the operator ends it", Range(0, 1e9)] = 0.0
    command_gain: Annotated[
        float, "factor on the distance from the measured tool to a policy's target, for an arm that lags", GAINS
    ] = 1.0
    dead_man: Annotated[bool, "true: nothing moves unless the operator holds a device's enable button"] = False
    chunk: Chunk = field(default_factory=Chunk)
    network: Network = field(default_factory=Network)
    limits: Limits = field(default_factory=Limits)
    franky: FrankyConfig = field(default_factory=FrankyConfig)
    driver: Annotated[
        Mapping[str, Parameter], "parameters of the arm node by full name, for a driver of another package"
    ] = field(default_factory=dict)
    record_topics: Annotated[tuple[str, ...], "further topics in the bags of episodes, see bags"] = ()
    finetune: FinetuneConfig = REAL_ARM
    cameras: Annotated[tuple[CameraSettings, ...], "the cameras, each with the parameters of a camera node"] = ()

    def __post_init__(self) -> None:
        check_ranges(self)
        names = [camera.name for camera in self.cameras]
        if len(set(names)) < len(names):
            raise ValueError(f"two cameras have the same name: {', '.join(names)}")
        check_apart(self.cameras)

    def check_base(self, folder: Path) -> None:
        """Raises ValueError when the base in `folder` has other chunk sizes, CheckpointError when there is no base."""
        base = read_base_config(folder)
        if (base.horizon, base.n_action_steps) != (self.chunk.horizon, self.chunk.n_action_steps):
            raise ValueError(
                f"the base in {folder} has chunks of {base.horizon} actions and executes {base.n_action_steps}, the "
                f"station says {self.chunk.horizon} and {self.chunk.n_action_steps}; use the base of this task, or "
                "change chunk"
            )


def check_apart(cameras: Sequence[CameraSettings]) -> None:
    """Raises ValueError when two entries are the same camera, or one of several RealSense has no serial."""
    realsense = [camera for camera in cameras if not camera.device]
    nameless = [camera.name for camera in realsense if not camera.serial]
    if nameless and len(realsense) > 1:
        raise ValueError(
            f"camera {nameless[0]} has neither serial nor device, which selects the only RealSense, but the station "
            f"has {len(realsense)}; give its serial"
        )
    first: dict[str, str] = {}
    for camera in cameras:
        source = camera.device or camera.serial.removeprefix("_")
        if (other := first.setdefault(source, camera.name)) != camera.name:
            raise ValueError(f"cameras {other} and {camera.name} are the same device, {source}; give each its own")


def load_station(path: Path) -> Station:
    """Load a station from a file; a bare name selects an example in config/stations.

    Raises ValueError with the file, the cause and the remedy.
    """
    try:
        file = _file_of(path)
        text = file.read_bytes()[: LONGEST + 1]
        if len(text) > LONGEST:
            raise ValueError(f"it is larger than {LONGEST} bytes")
        given = parse_yaml(text)
        if not isinstance(given, Mapping):
            raise ValueError("it has no settings; write name: value, as in the examples of config/stations")
        return _station(dict(given), file.absolute().parent)
    except OSError as error:
        raise ValueError(f"cannot read the station: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"the station {path} cannot be used: {quoted(error)}") from None


def _file_of(path: Path) -> Path:
    bare = len(path.parts) == 1 and not path.suffix and not path.exists()
    example = config_file(f"stations/{path}.yaml") if bare else path
    return example if example.is_file() else path


def _station(given: dict[str, Any], folder: Path) -> Station:
    cameras = given.pop("cameras", None)
    cameras = [] if cameras is None else cameras
    if not isinstance(cameras, list):
        raise ValueError("cameras must be a list with one entry per camera, starting with '- name:'")
    driver = _driver(given.pop("driver", None))
    station = override(Station(), _with_new_names(given))
    found = tuple(_camera(i, camera, folder) for i, camera in enumerate(cameras))
    return replace(station, driver=driver, cameras=found)


def _driver(given: Any) -> dict[str, Parameter]:
    """Return the driver's parameters by full name; the file may nest them.

    The node checks names and values, as only it knows them.
    """
    if given is not None and not isinstance(given, Mapping):
        raise ValueError("driver has no settings; write name: value below it")
    driver = flat_names(given or {})
    for name, value in driver.items():
        if isinstance(value, list) and value and {type(each) for each in value} in ({str}, {float}):
            continue
        if not isinstance(value, bool | int | float | str):
            raise ValueError(f"driver.{name} is {quoted(value)[:50]}; write a number, a text, or a list of one of them")
    return driver


def _with_new_names(given: Mapping[Any, Any], prefix: str = "") -> dict[Any, Any]:
    """Raises ValueError when a setting is given under its old name and its new one."""
    named: dict[Any, Any] = {}
    for name, value in given.items():
        new = OLD_NAMES.get(f"{prefix}{name}", name)
        if new in named:
            raise ValueError(f"{prefix}{new} is given twice, also under its old name; remove the old one")
        named[new] = _with_new_names(value, f"{prefix}{name}.") if isinstance(value, Mapping) else value
    return named


def _camera(index: int, given: Any, folder: Path) -> CameraSettings:
    if not isinstance(given, Mapping) or "name" not in given:
        raise ValueError(f"cameras[{index}] has no name; write - name: front")
    try:
        camera = override(CameraSettings(), given)
    except ValueError as error:
        raise ValueError(f"cameras[{index}]: {error}") from None
    if not camera.calibration:
        return camera
    return replace(
        camera, calibration=str(folder / camera.calibration)
    )  # relative to the station's file, not to the working folder
