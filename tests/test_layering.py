"""The walls between the packages: what each may import, and what a process must not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from source_files import ROOT, imports, product_files

ROS = {
    "rclpy", "zprl_msgs", "rcl_interfaces", "builtin_interfaces", "diagnostic_msgs", "geometry_msgs",
    "lifecycle_msgs", "rosgraph_msgs", "sensor_msgs", "std_msgs", "std_srvs", "tf2_msgs", "trajectory_msgs",
    "control_msgs", "action_msgs", "ros_gz_interfaces", "nav_msgs", "visualization_msgs",
}  # fmt: skip

# Which of our packages each package may import.
BELOW = {
    "zprl_core": set(),
    "zprl_control": {"zprl_core"},
    "zprl_hardware": {"zprl_core", "zprl_control"},
    "zprl_teleop": {"zprl_core"},
    "zprl_episodes": {"zprl_core"},
    "zprl_view": {"zprl_core"},
    "rqt_zprl": {"zprl_core", "zprl_view", "zprl"},
    "zprl": {"zprl_core"},
    "zprl_console": {"zprl_core", "zprl", "zprl_view"},
    "zprl_sim": {"zprl_core", "zprl_control", "zprl"},
    "zprl_policy": {"zprl_core", "zprl"},
    "zprl_learner": {"zprl_core", "zprl"},
    "zprl_bringup": {"zprl_core", "zprl_control", "zprl_hardware", "zprl", "zprl_sim"},
    "zprl_cli": {
        "zprl_core", "zprl_control", "zprl_hardware", "zprl_teleop", "zprl_episodes", "zprl", "zprl_sim",
        "zprl_bringup", "zprl_view", "zprl_console",
    },
}  # fmt: skip

# Where a third party may be imported: package, or folder of a package.
ONLY_IN = {
    "ruckig": {"zprl_control"},
    "franky": {"zprl_hardware/franka"},
    "pyrealsense2": {"zprl_hardware/cameras"},
    "cv2": {"zprl_hardware", "zprl_core/ros/compressed_images.py", "zprl_core/streams/camera_model.py"},
    "av": {"zprl/training", "zprl_cli/datasets", "zprl_core/bags"},
    "torch": {"zprl", "zprl_policy", "zprl_learner", "zprl_cli"},
    "safetensors": {"zprl"},
    "mcap": {"zprl", "zprl_core/bags"},
    "onnx": {"zprl/inference"},
    "onnxruntime": {"zprl/inference"},
    "mujoco": {"zprl_sim"},
    "gymnasium": {"zprl_sim"},
    "franky_sim": {"zprl_sim/fci"},
    "launch": {"zprl_bringup/ros_launch", "zprl_bringup/launch"},
    "launch_ros": {"zprl_bringup/ros_launch", "zprl_bringup/launch"},
    "nicegui": {"zprl_console/web"},
    "fastapi": {"zprl_console/web"},
    "h5py": {"zprl_cli/datasets"},
    "pyarrow": {"zprl_cli/datasets"},
    "matplotlib": {"zprl_cli"},
    "ray": {"zprl_cli/sweep/cluster.py"},
    "foxglove": {"zprl_view/foxglove"},
    "rerun": {"zprl_cli/view/rerun"},
    "wandb": {"zprl/training/tracking/wandb_tracker.py"},
    "mlflow": {"zprl/training/tracking/mlflow_tracker.py"},
    "tqdm": {"zprl_cli"},
    "PIL": {"zprl_cli"},
    "python_qt_binding": {"rqt_zprl/qt"},
    "rqt_gui_py": {"rqt_zprl/ros/plugin.py"},
    "tyro": {"zprl_cli", "zprl_hardware/calibration", "zprl_core/config/command_line.py"},
}

# Inside zprl: models < inference < rl < checkpoints < delivery < training.
ROOMS = ("models", "inference", "rl", "checkpoints", "delivery", "training")


def allowed(path: Path, name: str) -> bool:
    """Whether the file at `path` (package/folder/module.py) may import the module `name`."""
    package, top = path.parts[0], name.split(".")[0]
    if top in ROS:
        return "ros" in path.parts[1:-1]
    if top in ONLY_IN:
        return any(path.is_relative_to(folder) for folder in ONLY_IN[top]) and not _is_config(path, top)
    if package == "zprl" and top == "zprl" and len(path.parts) > 2 and name.count("."):
        return ROOMS.index(name.split(".")[1]) <= ROOMS.index(path.parts[1])
    return top == package or top not in BELOW or top in BELOW[package]


def _is_config(path: Path, top: str) -> bool:
    return top == "torch" and path.stem in ("config", "settings", "presets", "metadata")


def relative(path: Path) -> Path:
    """package/folder/module.py; a launch file is package/launch/x.launch.py."""
    package, *rest = path.relative_to(ROOT / "src").parts
    return Path(package, *(rest[1:] if rest[0] == package else rest))


@pytest.mark.parametrize("path", product_files(), ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_imports_only_what_is_below(path: Path) -> None:
    found = imports(ast.parse(path.read_text(), filename=str(path)))
    wrong = [f"{path}:{line}: {name}" for name, line in found if not allowed(relative(path), name)]
    assert not wrong, "imports that the layering forbids:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("zprl/rl/sac.py", "rclpy", False),
        ("zprl/rl/sac.py", "torch", True),
        ("zprl/rl/config.py", "torch", False),
        ("zprl/rl/sac.py", "zprl.training.demos", False),
        ("zprl/training/finetune.py", "zprl.rl.sac", True),
        ("zprl_core/ros/messages.py", "zprl_msgs", True),
        ("zprl_core/observation.py", "zprl_msgs.msg", False),
        ("zprl_sim/scene.py", "geometry_msgs", False),
        ("zprl_sim/scene.py", "mujoco", True),
        ("zprl_policy/ros/policy_node.py", "mujoco", False),
        ("zprl_hardware/franka/driver.py", "franky", True),
        ("zprl_hardware/cameras/realsense.py", "franky", False),
        ("zprl_sim/fci/arm.py", "franky_sim", True),
        ("zprl_sim/robot.py", "franky_sim", False),
        ("zprl/training/evaluate.py", "zprl_sim", False),
        ("zprl_cli/job.py", "zprl_sim.env", True),
        ("zprl_cli/job.py", "zprl_policy", False),
        ("zprl_bringup/graph/spec.py", "launch", False),
    ],
)
def test_the_walls_stand_where_they_should(path: str, name: str, expected: bool) -> None:
    assert allowed(Path(path), name) is expected


TORCH, MUJOCO = ("torch",), ("mujoco",)
OPTIONAL = (
    "rclpy", "cv2", "matplotlib", "gymnasium", "h5py", "pyarrow", "ray", "foxglove", "rerun", "wandb", "mlflow",
    "nicegui",
)  # fmt: skip
LOADS_NOT = {
    "zprl_hardware.ros.camera_node": TORCH + MUJOCO,
    "zprl_hardware.ros.pose_recorder_node": TORCH + MUJOCO,
    "zprl_hardware.ros.franka_arm_node": TORCH + MUJOCO,
    "zprl_hardware.ros.ros2_control_arm_node": TORCH + MUJOCO,
    "zprl_teleop.ros.teleop_node": TORCH + MUJOCO,
    "zprl_episodes.ros.episode_node": TORCH + MUJOCO,
    "zprl_episodes.ros.operator_node": TORCH + MUJOCO,
    "zprl_episodes.ros.recorder_node": TORCH + MUJOCO,
    "zprl_episodes.ros.player_node": TORCH + MUJOCO,
    "zprl_sim.ros.sim_node": TORCH,
    "zprl_sim.ros.mujoco_arm_node": TORCH,
    "zprl_sim.ros.fci_node": TORCH,
    "zprl_sim.ros.controller_node": TORCH,
    "zprl_sim.ros.gazebo_scene_node": TORCH,
    "zprl_sim.ros.renderer_node": TORCH,
    "zprl_sim.ros.expert_node": TORCH,
    "zprl_view.ros.view_node": (*TORCH, *MUJOCO, "foxglove"),
    "zprl_view.ros.foxglove_node": TORCH + MUJOCO,
    "zprl_learner.ros.learner_node": MUJOCO,
    "zprl_policy.ros.policy_node": MUJOCO,
    "rqt_zprl.figures": (*TORCH, *MUJOCO, "rclpy"),
    "zprl_bringup.ros_launch.arguments": (*TORCH, *MUJOCO, "rclpy"),  # ros2 launch ... --show-args
    # zprl --help
    "zprl_cli.main": (*TORCH, *MUJOCO, *OPTIONAL),
    "zprl.training.tracking.follow": (*TORCH, *MUJOCO, "rclpy", "wandb", "mlflow"),
}


@pytest.mark.parametrize("module", LOADS_NOT)
def test_a_process_loads_no_more_than_it_needs(module: str) -> None:
    """By transitive imports, in a process of its own."""
    code = f"import sys, {module}; print(*(name for name in {LOADS_NOT[module]!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.split(), f"{module} loads {done.stdout.strip()}"


REAL_ARM = """
import sys
from pathlib import Path
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import load_station
options = RunOptions(base=Path("b"), robot="franky", lockstep=False)
settings = GraphSettings("run", Path("runs/x"), options, station=load_station(Path("place_orange")))
finetune_graph(settings)
print(*(name for name in ("torch", "mujoco") if name in sys.modules))
"""


def test_the_graph_of_a_real_arm_needs_neither_simulator_nor_torch() -> None:
    done = subprocess.run([sys.executable, "-c", REAL_ARM], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.split(), f"the graph of a real arm loads {done.stdout.strip()}"
