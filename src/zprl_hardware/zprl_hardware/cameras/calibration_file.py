"""Reads and writes a camera's calibration file: intrinsics and mount, as plain YAML."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from zprl_core.config.yaml_file import parse_yaml
from zprl_core.errors import quoted
from zprl_core.geometry import Matrix, Position, Quaternion, matrix_from, position_from, quaternion_from
from zprl_core.streams.camera_model import CameraModel
from zprl_hardware.cameras.camera import CameraSettings, Intrinsics


class CalibrationError(ValueError):
    """A calibration file or its input is invalid."""


@dataclass(frozen=True)
class Mount:
    """Pose of the color imager's optical frame (x right, y down, z ahead) in the frame `parent`."""

    parent: str
    position: Position  # [m]
    quaternion: Quaternion  # x, y, z, w

    def __post_init__(self) -> None:
        if not self.parent:
            raise ValueError("parent is empty; name the frame that the camera is mounted to")
        matrix_from(self.position, self.quaternion)

    @classmethod
    def at(cls, parent: str, pose: Matrix) -> "Mount":
        """Make the mount from a (4, 4) matrix."""
        return cls(parent, position_from(pose), quaternion_from(pose))

    @property
    def matrix(self) -> Matrix:
        """The mount as a (4, 4) matrix."""
        return matrix_from(self.position, self.quaternion)


@dataclass(frozen=True)
class Calibration:
    """The content of a calibration file. `made` describes its quality, for information only."""

    camera: str
    intrinsics: Intrinsics | None = None
    mount: Mount | None = None
    made: dict[str, float | int | str] = field(default_factory=dict)

    def camera_model(self, height: int, width: int) -> CameraModel:
        """Returns the camera of images that were scaled to this size, for demonstrations. Distortion is left out.

        Raises CalibrationError without intrinsics.
        """
        i = self.intrinsics
        if i is None:
            raise CalibrationError(f"the calibration of camera {self.camera} has no intrinsics; calibrate them first")
        model = CameraModel((i.height, i.width), (i.fx, i.fy), (i.cx, i.cy))
        if self.mount is not None:
            model = model.mounted(self.mount.parent, self.mount.matrix)
        return model.resized((height, width))


def save(path: Path, calibration: Calibration) -> None:
    """Write the file. Raises OSError."""
    document: dict[str, Any] = {"camera": calibration.camera}
    for name in ("intrinsics", "mount"):
        part = getattr(calibration, name)
        if part is not None:
            document[name] = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(part).items()}
    document["made"] = dict(calibration.made)
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def load(path: Path) -> Calibration:
    """Read the file. Raises CalibrationError of one line that names the file and what is wrong."""
    document = read_yaml(path)
    if set(document) - {"camera", "intrinsics", "mount", "made"}:
        unknown = ", ".join(sorted(map(str, set(document) - {"camera", "intrinsics", "mount", "made"})))
        raise CalibrationError(f"{path}: unknown key {quoted(unknown)}; known are camera, intrinsics, mount, made")
    camera, made = document.get("camera"), document.get("made") or {}
    if not isinstance(camera, str) or not camera:
        raise CalibrationError(f"{path}: camera must be the name of a camera, it is {quoted(repr(camera))}")
    if not isinstance(made, dict):
        raise CalibrationError(f"{path}: made must be a mapping")
    return Calibration(
        camera=camera,
        intrinsics=_part(path, document, "intrinsics", Intrinsics, {"distortion": 5}),
        mount=_part(path, document, "mount", Mount, {"position": 3, "quaternion": 4}),
        made=made,
    )


def load_calibration(settings: CameraSettings) -> Calibration | None:
    """The calibration that the settings name; None without one. Raises CalibrationError if it is another camera's."""
    path = settings.calibration_path
    if path is None:
        return None
    found = load(path)
    if found.camera != settings.name:
        raise CalibrationError(f"{path}: made for camera {found.camera}, but this camera is {settings.name}")
    known = found.intrinsics
    if known is not None and (known.width, known.height) != (settings.width, settings.height):
        size = f"{known.width}x{known.height}"
        raise CalibrationError(f"{path}: made for {size}, but the camera delivers {settings.width}x{settings.height}")
    return found


def load_poses(path: Path) -> dict[str, Matrix]:
    """Tool poses by image name, as (4, 4) matrices in the robot's base frame:

    000.png: {position: [0.4, 0.0, 0.3], quaternion: [1.0, 0.0, 0.0, 0.0]}   # [m]; x, y, z, w
    """
    document, poses = read_yaml(path), {}
    for name in document:
        pose = _part(path, document, name, _Pose, {"position": 3, "quaternion": 4})
        if pose is None:
            raise CalibrationError(f"{path}: {name} is empty")
        poses[str(name)] = matrix_from(pose.position, pose.quaternion)
    return poses


def read_yaml(path: Path) -> dict[Any, Any]:
    """Load a YAML file that holds a mapping. Raises CalibrationError."""
    try:
        document = parse_yaml(path.read_text())
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise CalibrationError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise CalibrationError(f"{path}: expected a mapping, found {type(document).__name__}")
    return document


@dataclass(frozen=True)
class _Pose:
    position: Position
    quaternion: Quaternion

    def __post_init__(self) -> None:
        matrix_from(self.position, self.quaternion)


def _part(path: Path, document: dict[Any, Any], name: str, kind: Any, lists: dict[str, int]) -> Any:
    """Read the dataclass `kind` under `name`; None if it is missing. `lists` has the lengths of its lists."""
    part = document.get(name)
    if part is None:
        return None
    wanted = [f.name for f in fields(kind)]
    if not isinstance(part, dict) or sorted(map(str, part)) != sorted(wanted):
        raise CalibrationError(f"{path}: {name} must have exactly {', '.join(wanted)}")
    values: dict[str, Any] = {}
    for key, value in part.items():
        where = f"{path}: {name}.{key}"
        if key in lists:
            if not isinstance(value, list) or len(value) != lists[key]:
                raise CalibrationError(f"{where} must be a list of {lists[key]} numbers, it is {quoted(repr(value))}")
            values[key] = tuple(_number(where, v) for v in value)
        elif key in ("width", "height"):
            if isinstance(value, bool) or not isinstance(value, int):
                raise CalibrationError(f"{where} must be a whole number of pixels, it is {quoted(repr(value))}")
            values[key] = value
        else:
            values[key] = value if key == "parent" and isinstance(value, str) else _number(where, value)
    try:
        return kind(**values)
    except ValueError as error:
        raise CalibrationError(f"{path}: {name}: {quoted(error)}") from error


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CalibrationError(f"{where} must be a number, it is {quoted(repr(value))}")
    try:
        return float(value)
    except OverflowError:
        raise CalibrationError(f"{where} is too large for a number") from None
