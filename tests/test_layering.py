"""The walls between the packages: who may import ROS, the simulator, the hardware, and each other."""

import ast
from pathlib import Path

import pytest

from source_files import ROOT, imports, product_files

ROS = {
    "rclpy", "zprl_msgs", "rcl_interfaces", "builtin_interfaces", "diagnostic_msgs", "geometry_msgs",
    "lifecycle_msgs", "rosgraph_msgs", "sensor_msgs", "std_msgs", "std_srvs", "tf2_msgs",
}  # fmt: skip
SIMULATOR = {"mujoco"}
FCI = {"franky_sim"}
HARDWARE = {"franky", "pyrealsense2"}

# Which of our packages each package may import. zprl_bringup stands on top of all.
BELOW = {
    "zprl": set(),
    "zprl_sim": {"zprl"},
    "zprl_policy": {"zprl"},
    "zprl_learner": {"zprl"},
    "zprl_bringup": {"zprl", "zprl_sim", "zprl_policy", "zprl_learner"},
}


def allowed(path: Path, top: str) -> bool:
    """Whether the file at path (relative to src/<package>/) may import the top-level module."""
    package = "zprl_bringup" if path.parts[0] == "launch" else path.parts[0]  # its launch files
    if top in ROS:
        return path.name.endswith("_node.py") or path.parts[:2] == ("zprl", "ros")
    if top in SIMULATOR:
        return package == "zprl_sim"
    if top in FCI:
        return package == "zprl_sim" and path.name.startswith("fci_")
    if top in HARDWARE:
        return package == "zprl_bringup" and path.name.startswith(("arm_", "camera_"))
    if top in BELOW:
        return top == package or top in BELOW[package]
    return True


@pytest.mark.parametrize("path", product_files(), ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_imports_only_what_is_below(path: Path) -> None:
    inner = Path(*path.relative_to(ROOT / "src").parts[1:])
    found = imports(ast.parse(path.read_text(), filename=str(path)))
    wrong = [f"{path}:{line}: {name}" for name, line in found if not allowed(inner, name.split(".")[0])]
    assert not wrong, "imports that the layering forbids:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "top", "expected"),
    [
        ("zprl/sac.py", "rclpy", False),
        ("zprl/ros/messages.py", "zprl_msgs", True),
        ("zprl_sim/sim_node.py", "rclpy", True),
        ("zprl_sim/scene.py", "geometry_msgs", False),
        ("zprl_sim/scene.py", "mujoco", True),
        ("zprl_policy/policy_node.py", "mujoco", False),
        ("zprl_bringup/arm_franky.py", "franky", True),
        ("zprl_sim/sim_node.py", "franky", False),
        ("zprl_sim/fci_arm.py", "franky_sim", True),
        ("zprl_sim/robot.py", "franky_sim", False),
        ("zprl_bringup/arm_franky.py", "franky_sim", False),
        ("zprl/evaluate.py", "zprl_sim", False),
        ("zprl_bringup/job.py", "zprl_sim", True),
    ],
)
def test_the_walls_stand_where_they_should(path: str, top: str, expected: bool) -> None:
    assert allowed(Path(path), top) is expected
