"""Files of ROS packages that a viewer may fetch: the meshes and textures of robot descriptions."""

import re
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

# Of the file types that foxglove_bridge allows, too.
ALLOWED = re.compile(
    r"package://(?P<package>[A-Za-z]\w*)/(?P<path>(?:[-\w]+/)*[-\w.]+\.(?:dae|glb|gltf|jpe?g|mtl|obj|png|stl|webp))",
    re.IGNORECASE,
)
LARGEST = 64 << 20  # bytes


def asset(url: str) -> bytes | None:
    """Returns a mesh or texture of an installed package, for a URL like package://zprl_sim/meshes/hand.stl.

    None for everything else: other types, other schemes, paths that leave the package's folder, and large files.
    """
    found = ALLOWED.fullmatch(url)
    if found is None:
        return None
    try:
        # Not resolved: colcon's symlink install links files into the share folder.
        file = Path(get_package_share_directory(found["package"])) / found["path"]
        return file.read_bytes() if file.is_file() and file.stat().st_size <= LARGEST else None
    except (LookupError, OSError, ValueError):
        return None
