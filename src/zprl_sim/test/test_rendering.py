"""A simulation that draws nothing needs no window system: mujoco comes from zprl_sim.rendering, which loads none."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import zprl_sim
from source_files import imports

FOLDER = Path(zprl_sim.__file__).parent
FILES = [path for path in sorted(FOLDER.rglob("*.py")) if path.name != "rendering.py"]
FOR_TYPES = "if TYPE_CHECKING:\n    import mujoco\n"


def test_a_robot_is_simulated_where_the_window_system_is_missing() -> None:
    code = "import os, zprl_sim.contacts, zprl_sim.env; assert os.environ['MUJOCO_GL'] == 'missing'"
    env = {**os.environ, "MUJOCO_GL": "missing"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600, env=env)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_other_module_takes_mujoco_from_rendering(path: Path) -> None:
    tree = ast.parse(path.read_text().replace(FOR_TYPES, ""))
    assert not [line for name, line in imports(tree) if name.split(".")[0] == "mujoco"]
