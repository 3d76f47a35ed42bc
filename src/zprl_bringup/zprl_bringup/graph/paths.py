"""Finds files and executables of the workspace."""

import os
from pathlib import Path

REMEDY = (
    "build and source the workspace: make build && source setup.bash "
    "(ROS machine: cd ros2_ws && colcon build && source install/setup.bash)"
)


class NotBuiltError(Exception):
    """The workspace is not built or not sourced; the message names what is missing, and the remedy."""


def config_file(name: str) -> Path:
    """Return the path of a file in this package's config folder, in the source tree or as installed by colcon."""
    return data_file("config", name)


def data_file(folder: str, name: str) -> Path:
    """Return the path of a file in a folder of this package, in the source tree or as installed by colcon."""
    source = Path(__file__).resolve().parents[2] / folder / name
    if source.exists():
        return source
    return package_prefix("zprl_bringup") / "share" / "zprl_bringup" / folder / name


def find_executable(package: str, executable: str) -> Path:
    """Return the path of a node's executable, as `ros2 run` finds it. Raises NotBuiltError.

    Without a package, `executable` is the path itself.
    """
    if not package:
        if not os.access(executable, os.X_OK) or not Path(executable).is_file():
            raise NotBuiltError(
                f"the node's script {executable} is not an executable file; give its path and run chmod +x on it"
            )
        return Path(executable)
    path = package_prefix(package) / "lib" / package / executable
    if not path.is_file():
        raise NotBuiltError(f"package {package} has no executable {executable} ({path}): {REMEDY}")
    return path


def package_prefix(package: str) -> Path:
    """Return the install prefix of a ROS package. Raises NotBuiltError."""
    try:
        from ament_index_python.packages import get_package_prefix
    except ImportError:
        raise NotBuiltError(f"ROS 2 is not installed here: {REMEDY}") from None
    try:
        return Path(get_package_prefix(package))
    except (LookupError, OSError):  # OSError: AMENT_PREFIX_PATH is not set at all
        raise NotBuiltError(f"ROS package {package} was not found: {REMEDY}") from None
