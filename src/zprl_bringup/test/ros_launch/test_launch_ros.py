"""The real launch and launch_ros, where they are installed, start what the runner starts, with stand-ins for nodes."""

import importlib.util
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from launch_cases import CASES, LAUNCH, with_defaults
from zprl_bringup.ros_launch.arguments import settings_from
from zprl_bringup.runner.runner import Runner

STAND_IN = """
import json, os, re, sys, time
flags = {"-r": [], "--params-file": [], "-p": []}
for flag, value in zip(sys.argv, sys.argv[1:]):
    flags.get(flag, []).append(value)
told = {"executable": sys.argv[0], "remaps": sorted(flags["-r"]), "-p": flags["-p"],
        "parameters": [open(path).read() for path in flags["--params-file"]],
        "env": {key: os.environ.get(key) for key in ("OMP_NUM_THREADS", "FASTDDS_DEFAULT_PROFILES_FILE",
                                                     "ROS_AUTOMATIC_DISCOVERY_RANGE")}}
with open(f"{os.environ['TOLD']}/{os.getpid()}.new", "w") as file:
    json.dump(told, file)
os.rename(file.name, file.name.replace(".new", ".json"))
time.sleep(60)
"""
BY_LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
source = PythonLaunchDescriptionSource(sys.argv[1])
service = LaunchService(noninteractive=True)
arguments = [argument.split(":=") for argument in sys.argv[2:]]
service.include_launch_description(LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)]))
sys.exit(service.run())
"""
PROGRAMS = {
    "zprl_sim": ("sim_node", "mujoco_arm_node"),
    "zprl_policy": ("policy_node",),
    "zprl_learner": ("learner_node",),
    "zprl_episodes": ("episode_node", "operator_node", "recorder_node"),
    "zprl_hardware": ("franka_arm_node", "camera_node"),
}


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages whose nodes only tell, in the folder $TOLD, what they were started with."""
    index = tmp_path / "prefix/share/ament_index/resource_index/packages"
    index.mkdir(parents=True)
    for package, names in PROGRAMS.items():
        (index / package).touch()
        folder = tmp_path / "prefix/lib" / package
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(f"#!{sys.executable} -S\n{STAND_IN}")
            (folder / name).chmod(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path / "prefix"))
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "ros_logs"))


def told(folder: Path, count: int) -> dict[str, Any]:
    """What `count` nodes told, by name."""
    end = time.monotonic() + 600
    while len(files := list(folder.glob("*.json"))) < count and time.monotonic() < end:
        time.sleep(0.05)
    assert len(files) == count
    found = {}
    for file in files:
        words = json.loads(file.read_text())
        name = "".join(remap for remap in words["remaps"] if remap.startswith("__"))
        parameters: dict[str, Any] = {}
        for text in words["parameters"]:
            for part in yaml.safe_load(text).values():
                parameters |= part["ros__parameters"]
        found[name] = words | {"parameters": parameters}
    return found


@pytest.mark.skipif(
    importlib.util.find_spec("launch_ros") is None, reason="launch_ros is not installed here (it is not on PyPI)"
)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_launch_ros_starts_what_the_runner_starts(
    case: Any, stand_ins: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, arguments, build, given = case
    graph = build(settings_from(with_defaults(arguments, given)))
    by: dict[str, Any] = {}
    for starter in ("runner", "launch"):
        (tmp_path / starter).mkdir()
        monkeypatch.setenv("TOLD", str(tmp_path / starter))
        if starter == "runner":
            with Runner(graph, tmp_path / "logs"):
                by[starter] = told(tmp_path / starter, len(graph.nodes))
        else:
            words = [f"{key}:={value}" for key, value in given.items()]
            command = [sys.executable, "-c", BY_LAUNCH, str(LAUNCH / file), *words]
            with subprocess.Popen(command, start_new_session=True) as launched:
                try:
                    by[starter] = told(tmp_path / starter, len(graph.nodes))
                finally:
                    launched.send_signal(signal.SIGINT)
                    launched.wait(600)
    assert by["launch"] == by["runner"]
