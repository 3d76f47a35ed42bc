"""Where files and executables of the workspace are."""

import os
from pathlib import Path

REMEDY = (
    "build and source the workspace: make build && source setup.bash "
    "(ROS machine: cd ros2_ws && colcon build && source install/setup.bash)"
)


class NotBuiltError(Exception):
    """The workspace is not built or not sourced; the message says what is missing and what to do."""


def config_file(name: str) -> Path:
    """A file of this package's config folder, in the source tree or where colcon installed it."""
    source = Path(__file__).resolve().parents[2] / "config" / name
    if source.exists():
        return source
    return package_prefix("zprl_bringup") / "share" / "zprl_bringup" / "config" / name


def find_executable(package: str, executable: str) -> Path:
    """Path of a node's executable, as `ros2 run` finds it; without a package the path itself. Raises NotBuiltError."""
    if not package:
        if not os.access(executable, os.X_OK) or not Path(executable).is_file():
            raise NotBuiltError(f"the node's script {executable} is no executable file: give its path, chmod +x")
        return Path(executable)
    path = package_prefix(package) / "lib" / package / executable
    if not path.is_file():
        raise NotBuiltError(f"package {package} has no executable {executable} ({path}): {REMEDY}")
    return path


def package_prefix(package: str) -> Path:
    """The prefix that a ROS package is installed in. Raises NotBuiltError."""
    try:
        from ament_index_python.packages import get_package_prefix
    except ImportError:
        raise NotBuiltError(f"ROS 2 is not installed here: {REMEDY}") from None
    try:
        return Path(get_package_prefix(package))
    except (LookupError, OSError):  # OSError: AMENT_PREFIX_PATH is not set at all
        raise NotBuiltError(f"ROS package {package} is not found: {REMEDY}") from None
