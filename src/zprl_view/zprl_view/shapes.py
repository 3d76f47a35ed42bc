"""The shapes of an FR3's links, added to its robot description, so that rviz and Foxglove show the arm."""

import re

LIGHT, DARK = "0.86 0.87 0.89 1", "0.16 0.17 0.19 1"
COLORS = {"light": LIGHT, "dark": DARK}
# The meshes of each link, which lie in the link's own frame.
MESHES = {
    "fr3_link0": ("link0_light",),
    "fr3_link1": ("link1_light",),
    "fr3_link2": ("link2_light",),
    "fr3_link3": ("link3_light", "link3_dark"),
    "fr3_link4": ("link4_light", "link4_dark"),
    "fr3_link5": ("link5_light", "link5_dark"),
    "fr3_link6": ("link6_light", "link6_dark"),
    "fr3_link7": ("link7_light",),
    "fr3_hand": ("hand_light", "hand_dark"),
    "fr3_leftfinger": ("finger_light", "finger_dark"),
    "fr3_rightfinger": ("finger_light", "finger_dark"),
}
TURNED = {"fr3_rightfinger": "0 0 3.14159265359"}  # roll, pitch, yaw of the meshes in the link [rad]
EMPTY_LINK = re.compile(r'<link name="([^"]+)"\s*/>')


def with_shapes(urdf: str, mesh_url: str) -> str:
    """Return the robot description with the meshes in the folder `mesh_url` as visuals of the links that have none.

    Links of other robots, and links that have shapes, stay as they are.
    """
    url = mesh_url.rstrip("/")

    def shaped(found: re.Match[str]) -> str:
        name = found[1]
        visuals = "".join(_visual(mesh, url, TURNED.get(name, "0 0 0")) for mesh in MESHES.get(name, ()))
        return f'<link name="{name}">{visuals}</link>' if visuals else found[0]

    return EMPTY_LINK.sub(shaped, urdf) if url else urdf


def _visual(mesh: str, url: str, rpy: str) -> str:
    color = mesh.rpartition("_")[2]
    return (
        f'<visual><origin xyz="0 0 0" rpy="{rpy}"/><geometry><mesh filename="{url}/{mesh}.stl"/></geometry>'
        f'<material name="{color}"><color rgba="{COLORS[color]}"/></material></visual>'
    )
