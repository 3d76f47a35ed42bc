"""A driver of another package: a robot value found by entry point, whose nodes the graph starts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foreign_package import foreign_package

ROBOT = """
from pathlib import Path
from zprl_bringup.graph.robots.checks import check_real_arm
from zprl_bringup.graph.robots.nodes import arm_parameters
from zprl_bringup.graph.robots.robot import Robot
from zprl_bringup.graph.spec import NodeSpec

def nodes(settings, robot):
    parameters = {**arm_parameters(settings, robot, simulated=False), "address": settings.options.hostname}
    script = str(Path(__file__).parent / "driver.py")
    return (NodeSpec("", script, "arm", robot.namespace, parameters, is_arm=True),)

MY_ARM = Robot("my-arm", "an arm of another package", nodes, check_real_arm, remote=True)
UNCHECKED = Robot("unchecked-arm", "an arm without its checks", nodes, check_real_arm, doctor="my_arm.absent:checks")
"""
DRIVER = """#!{python}
import sys, time
from pathlib import Path
Path(__file__).with_name("started").write_text("\\n".join(sys.argv))
while True:
    time.sleep(0.1)
"""
STATION = "task: reach\ndriver: {address: 10.0.0.9, joint_gain: 2.5}\n"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The folder of the installed package."""
    modules = {"robot": ROBOT, "driver": DRIVER.replace("{python}", sys.executable)}
    names = {"my-arm": "robot:MY_ARM", "unchecked-arm": "robot:UNCHECKED", "half-arm": "no_such_module:HALF"}
    entries = "[zprl.robots]\n" + "".join(f"{name} = my_arm.{value}\n" for name, value in names.items())
    folder = foreign_package(tmp_path / "lab", "my_arm", entries, modules)
    (folder / "my_arm" / "driver.py").chmod(0o755)
    (tmp_path / "station.yaml").write_text(STATION)
    return folder


def start(lab: Path, *arguments: str) -> "subprocess.Popen[str]":
    path = os.pathsep.join(filter(None, (str(lab), os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-m", "zprl_cli.main", *arguments]
    env = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=lab.parent, env=env)


def zprl(lab: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command."""
    with start(lab, *arguments) as running:
        _, said = running.communicate(timeout=600)
    return running.returncode, said


def test_the_graph_starts_the_driver_of_another_package(lab: Path) -> None:
    file = lab / "my_arm" / "started"
    words = ("up", "--robot", "my-arm", "--hostname", "10.0.0.7", "--station", "station.yaml")
    with start(lab, *words) as running:
        while not (file.exists() and file.read_text()) and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=600)
    assert running.returncode == 130, said
    started = file.read_text().splitlines()
    assert "__node:=arm" in started
    parameters = (lab.parent / started[started.index("--params-file") + 1]).read_text()
    assert '"address": "10.0.0.7"' in parameters and '"joint_gain": 2.5' in parameters
    assert '"enable_at_start": false' in parameters


def test_the_doctor_skips_an_arm_without_checks(lab: Path) -> None:
    code, said = zprl(lab, "doctor", "--robot", "my-arm", "--move-gripper")
    assert code == 2 and "need an arm" in said


def test_checks_that_cannot_be_loaded_are_one_line(lab: Path) -> None:
    code, said = zprl(lab, "doctor", "--robot", "unchecked-arm")
    assert code == 2 and len(said.strip().splitlines()) == 1
    assert "its checks my_arm.absent:checks cannot be loaded (ModuleNotFoundError" in said


def test_an_unknown_robot_lists_the_known_ones(lab: Path) -> None:
    code, said = zprl(lab, "up", "--robot", "no-arm")
    assert code == 2
    assert "unknown robot 'no-arm'; known robots are" in said and "franky" in said
    assert "my-arm" in said and "Traceback" not in said


def test_a_broken_robot_is_named_and_breaks_no_other(lab: Path) -> None:
    code, said = zprl(lab, "up", "--robot", "half-arm")
    assert code == 2
    assert "robot 'half-arm' of my_arm (my_arm.no_such_module:HALF) cannot be loaded" in said
