"""Each package.xml and setup.py names exactly what its package imports."""

import ast
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from source_files import ROOT, imports, product_files

PACKAGES = sorted(path.parent for path in (ROOT / "src").glob("*/setup.py"))
OURS = {package.name for package in PACKAGES}

# rosdep key and PyPI name of what we import; None: there is none. What is not listed here is a ROS package.
KEYS: dict[str, tuple[str | None, str]] = {
    "PIL": ("python3-pil", "pillow"),
    "av": (None, "av"),
    "cv2": ("python3-opencv", "opencv-python-headless"),
    "fastapi": (None, "fastapi"),
    "foxglove": (None, "foxglove-sdk"),
    "franky": (None, "franky-control"),
    "franky_sim": (None, "franky-sim"),
    "gymnasium": ("python3-gymnasium-pip", "gymnasium"),
    "h5py": ("python3-h5py", "h5py"),
    "lightning_fabric": (None, "lightning-fabric"),
    "matplotlib": ("python3-matplotlib", "matplotlib"),
    "mcap": (None, "mcap"),
    "mujoco": ("python3-mujoco-pip", "mujoco"),
    "nicegui": (None, "nicegui"),
    "numpy": ("python3-numpy", "numpy"),
    "onnx": (None, "onnx"),
    "onnxruntime": (None, "onnxruntime"),
    "pyarrow": (None, "pyarrow"),
    "pyrealsense2": (None, "pyrealsense2"),
    "ruckig": (None, "ruckig"),
    "safetensors": (None, "safetensors"),
    "torch": ("python3-pytorch-pip", "torch"),
    "tqdm": ("python3-tqdm", "tqdm"),
    "tyro": (None, "tyro"),
    "yaml": ("python3-yaml", "pyyaml"),
}
# Installed by those who use what needs it, from a requirements file of its own: PyPI name and that file.
OPTIONAL = {
    "ray": ("ray", "requirements-sweep.txt"),
    "rerun": ("rerun-sdk", "requirements-view.txt"),
    "mlflow": ("mlflow-skinny", "requirements-trackers.txt"),
    "wandb": ("wandb", "requirements-trackers.txt"),
}
# Used by way of another package: written down, though no file of ours imports it.
INDIRECT = {"zprl": {"tensorboard"}}
# Those whose programs it starts.
RUNS = {
    "zprl_bringup": {"ros2launch", "rviz2", "zprl_policy", "zprl_learner", "zprl_teleop", "zprl_episodes", "zprl_view"},
    "rqt_zprl": {"rqt_gui"},
}


def imported(package: Path) -> set[str]:
    """Top-level modules that the package imports, without itself and the standard library."""
    found = set()
    for path in product_files():
        if path.is_relative_to(package):
            found |= {name.split(".")[0] for name, _ in imports(ast.parse(path.read_text()))}
    return found - set(sys.stdlib_module_names) - {package.name} - OPTIONAL.keys()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_package_xml_names_what_is_imported(package: Path) -> None:
    declared = {e.text for e in ElementTree.parse(package / "package.xml").iter("exec_depend")}
    wanted = {KEYS[name][0] if name in KEYS else name for name in imported(package)} - {None}
    assert declared == wanted | RUNS.get(package.name, set())


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_setup_py_names_what_is_imported(package: Path) -> None:
    declared = set(ast.literal_eval(_argument(package / "setup.py", "install_requires"))) - {"setuptools"}
    wanted = {KEYS[name][1] if name in KEYS else name for name in imported(package) if name in KEYS or name in OURS}
    assert declared == wanted | INDIRECT.get(package.name, set())


def test_what_is_imported_is_pinned() -> None:
    pinned = {line.split("==")[0].strip().lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    missing = {pypi for _, pypi in KEYS.values()} | {pypi for pypi, _ in OPTIONAL.values()}
    missing -= pinned
    assert not missing, f"constraints.txt does not pin {sorted(missing)}"


@pytest.mark.parametrize(("name", "requirements"), OPTIONAL.values())
def test_what_is_optional_has_a_requirements_file_and_is_no_requirement_of_all(name: str, requirements: str) -> None:
    assert name in (ROOT / requirements).read_text().splitlines()
    assert name not in (ROOT / "requirements.txt").read_text().splitlines()


def test_a_ros_machine_gets_from_pip_what_rosdep_does_not_know() -> None:
    lines = (ROOT / "requirements-rosdep.txt").read_text().splitlines()
    listed = {line.split("==")[0] for line in lines if not line.startswith("#")}
    keyless = {pypi for key, pypi in KEYS.values() if key is None}
    limited = {"mujoco", "numpy<2"}  # not the newest
    assert listed == keyless.union(*INDIRECT.values()) | limited
    (mujoco,) = [line for line in lines if line.startswith("mujoco")]
    assert mujoco in (ROOT / "constraints.txt").read_text().splitlines()


def _argument(setup: Path, name: str) -> ast.expr:
    (call,) = [n for n in ast.walk(ast.parse(setup.read_text())) if isinstance(n, ast.Call) and _is_setup(n.func)]
    return next(keyword.value for keyword in call.keywords if keyword.arg == name)


def _is_setup(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "setup"
