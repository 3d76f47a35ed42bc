"""Checks that the workspace is built, packages have their pinned versions, and the base loads."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from zprl_bringup.graph.paths import REMEDY, NotBuiltError, find_executable, package_prefix
from zprl_bringup.graph.station import Station
from zprl_cli.doctor.check import Finding, fail, ok, skipped, warn
from zprl_core.errors import CheckpointError

BUILT, VERSIONS, BASE = "workspace", "versions", "base"
ROOT = Path(__file__).resolve().parents[4]  # of a source tree; colcon links modules into it
NODES = (
    ("zprl_hardware", "franka_arm_node"), ("zprl_hardware", "camera_node"), ("zprl_episodes", "episode_node"),
    ("zprl_learner", "learner_node"), ("zprl_policy", "policy_node"), ("zprl_sim", "sim_node"),
)  # fmt: skip
SHOWN = 4


@dataclass(frozen=True)
class Pin:
    """A package, its tested version, and its installed version; None: not installed."""

    name: str
    wanted: str
    here: str | None


def look_workspace() -> Iterator[Finding]:
    """Check that messages and executables are found as `ros2 run` finds them."""
    try:
        package_prefix("zprl_msgs")
        for package, executable in NODES:
            find_executable(package, executable)
    except NotBuiltError as error:
        yield fail(BUILT, str(error).removesuffix(f": {REMEDY}"), REMEDY)
        return
    yield judge_workspace(package_prefix("zprl_msgs"), ROOT)


def judge_workspace(prefix: Path, root: Path) -> Finding:
    """Judge which workspace the shell has sourced. `root`: the source tree of the running code, if it is one."""
    if " " in str(root):
        moved = f"move the folder to a path without spaces, and run make build: mv '{root}' NEW"
        return fail(BUILT, f"the path {root} has a space, which breaks the scripts of its virtual environment", moved)
    own = root / "ros2_ws" / "install"
    if own.is_dir() and not prefix.resolve().is_relative_to(own.resolve()):
        found = f"{prefix} is another workspace; its messages and nodes may differ from those of {root}"
        return fail(BUILT, found, f"source {root / 'setup.bash'} in a new shell")
    return ok(BUILT, f"built: {prefix}")


def look_versions(root: Path = ROOT) -> Iterator[Finding]:
    """Check the required packages against constraints.txt."""
    pins = root / "constraints.txt"
    if not pins.exists():
        yield skipped(VERSIONS, "not a source tree: it has no constraints.txt")
        return
    wanted = pinned(pins.read_text(), ".".join(map(str, sys.version_info[:2])))
    names = required((root / "requirements.txt").read_text(), wanted)
    if _here("ros-rclpy") is not None:  # ROS from PyPI; otherwise apt's, with versions of its own
        names += required((root / "requirements-ros.txt").read_text(), wanted)
    yield judge_versions([Pin(name, wanted[name], _here(name)) for name in names])


def look_base(folder: Path, station: Station | None = None) -> Iterator[Finding]:
    """Check that the base loads, with its checksums."""
    from zprl.checkpoints.checkpoint import fingerprint, load_base  # torch: only for a base

    try:
        base = load_base(folder)
        if station is not None:
            station.check_base(folder)
    except (CheckpointError, ValueError) as error:
        yield fail(BASE, str(error), "give a run's base/ folder as --base; zprl pretrain makes one")
    else:
        count = sum(parameter.numel() for parameter in base.parameters())
        yield ok(BASE, f"{folder}: {count} parameters, fingerprint {fingerprint(base)}")


def judge_versions(pins: Sequence[Pin]) -> Finding:
    """Judge versions. Another one is yellow, as many come from apt on a ROS machine; a missing package is red."""
    missing = [pin.name for pin in pins if pin.here is None]
    other = [f"{pin.name} {pin.here} (tested with {pin.wanted})" for pin in pins if pin.here not in (None, pin.wanted)]
    if missing:
        return fail(
            VERSIONS,
            f"not installed: {', '.join(missing)}",
            "make build; on a ROS machine rosdep install and pip install -r requirements-rosdep.txt",
        )
    if other:
        more = f" and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
        return warn(
            VERSIONS, f"{', '.join(other[:SHOWN])}{more}", "make build installs the versions of constraints.txt"
        )
    return ok(VERSIONS, f"{len(pins)} packages as in constraints.txt, Python {sys.version.split()[0]}")


def pinned(constraints: str, python: str) -> dict[str, str]:
    """Parse versions by name for this Python (such as 3.11). Lines are `name==version`, some with python_version."""
    versions: dict[str, str] = {}
    for line in constraints.splitlines():
        pin, _, marker = line.partition(";")
        name, equals, version = pin.strip().partition("==")
        if equals and not name.startswith("#") and _holds(marker, python):
            versions[name] = version
    return versions


def required(requirements: str, wanted: Mapping[str, str]) -> list[str]:
    """The names in the text of a requirements.txt that are pinned."""
    names = (line.partition("[")[0].strip() for line in requirements.splitlines())
    return [name for name in names if name in wanted]


def _holds(marker: str, python: str) -> bool:
    """Evaluate a marker of constraints.txt: python_version < "3.11" or >= "3.11"."""
    words = marker.replace('"', " ").split()
    if not words:
        return True
    name, sign, version = words
    if name != "python_version" or sign not in ("<", ">="):
        raise ValueError(f"constraints.txt has an unsupported marker: {marker.strip()}")
    older = tuple(map(int, python.split("."))) < tuple(map(int, version.split(".")))
    return older if sign == "<" else not older


def _here(name: str) -> str | None:
    try:
        return metadata.version(name).partition("+")[0]  # torch 2.13.0+cpu is torch 2.13.0
    except metadata.PackageNotFoundError:
        return None
