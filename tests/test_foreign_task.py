"""A package outside the repository adds a task by entry point, and the commands work with it as with ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from foreign_package import foreign_package
from zprl.training.demos import Demos

HOIST = '''
"""Grasp a brick and raise it by 3 cm, beside a bar."""

from zprl_sim.tasks.bodies import block
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import PlacementRegion, SceneObject, Task
from zprl_sim.tasks.waypoints import pick
from zprl.training.config import PretrainConfig

AREA = PlacementRegion((0.45, 0.55), (-0.05, 0.05))


def _build(scene, size):
    import mujoco

    block(scene, "brick", (0.02, 0.02, 0.03), (0.2, 0.8, 0.3, 1))
    scene.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, pos=[0.5, 0.3, 0.01], size=[0.1, 0.01, 0.01])


HOIST = Task(
    name="hoist",
    things=(SceneObject("brick", AREA, 0.03),),
    build=_build,
    plan=lambda things: pick(things["brick"], 0.08),
    success=lambda things, width: things["brick"].position[2] > 0.06,
    time_limit=80,
    demo_region={"brick": AREA},
    recipe=Recipe(env_steps=100, demos=3, quality=(0.9, 1.0), pretrain=PretrainConfig(steps=20)),
)
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which a lab's package is installed, beside one that is broken."""
    folder = tmp_path_factory.mktemp("site")
    foreign_package(folder, "my_lab", "[zprl.tasks]\nhoist = my_lab.hoist:HOIST\n", {"hoist": HOIST})
    foreign_package(folder, "half_lab", "[zprl.tasks]\nhalf = half_lab.half:HALF\n", {"half": "import no_such_module"})
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def zprl(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zprl_cli.main", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)


def test_it_is_listed_with_its_package_and_the_broken_one_is_reported(installed: dict[str, str]) -> None:
    done = zprl(installed, "tasks")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["hoist", "80", "brick", "my_lab", "(my_lab.hoist:HOIST)"] in rows
    assert {"lift", "pick_to_tray", "peg_insert"} <= {row[0] for row in rows} and "half" not in {row[0] for row in rows}
    assert "task 'half' of half_lab (half_lab.half:HALF) cannot be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_demonstrations_and_base_are_made_by_its_recipe(installed: dict[str, str], tmp_path: Path) -> None:
    for command in ("demos", "pretrain"):
        done = zprl(installed, command, "--task", "hoist", "--runs", str(tmp_path))
        assert done.returncode == 0, done.stderr
    run = tmp_path / "hoist-seed0"
    demos = Demos.load(run / "demos")
    assert (len(demos.episode_ends), demos.task) == (3, "hoist")
    assert json.loads((run / "base" / "checkpoint.json").read_text())["task"] == "hoist"
    config = json.loads((run / "config.json").read_text())
    assert config["numbers"]["recipe.pretrain.steps"] == 20 and config["numbers"]["task"]["name"] == "hoist"


def test_a_broken_package_is_one_line(installed: dict[str, str], tmp_path: Path) -> None:
    done = zprl(installed, "demos", "--task", "half", "--runs", str(tmp_path / "runs"))
    assert done.returncode == 2 and not (tmp_path / "runs").exists()
    assert len(done.stderr.strip().splitlines()) == 1
    assert "ModuleNotFoundError: No module named 'no_such_module'); fix or uninstall half_lab" in done.stderr
