"""A clone in a folder whose path breaks scripts of .venv is refused before anything is built."""

import shutil
import subprocess
from pathlib import Path

import pytest

from source_files import ROOT

SCRIPTS = ("setup.sh", "build.sh", "system_packages.sh")


def clone(folder: Path) -> Path:
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("name", ["my robots", "a:b", "tab\there", "it's", "$x", "semi;colon", "back\\slash"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_path_that_scripts_cannot_hold_is_refused_with_the_remedy(name: str, script: str, tmp_path: Path) -> None:
    folder = clone(tmp_path / name)
    ended = subprocess.run(["bash", f"scripts/{script}"], cwd=folder, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 1 and "in its path; move it" in ended.stderr and "run the same command" in ended.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["scripts"]


@pytest.mark.parametrize("name", ["zprl", "zprl-2.0_b", "\u00e4rmchen", "a+b@c"])
def test_other_paths_are_accepted(name: str, tmp_path: Path) -> None:
    folder = clone(tmp_path / name)
    ended = subprocess.run(
        ["bash", "-c", "source scripts/common.sh; say fine"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout == "zprl: fine\n"
