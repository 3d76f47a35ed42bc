"""Tasks are found by entry point: names without loading, one loaded alone, broken packages reported by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from foreign_package import foreign_package
from zprl_sim.tasks.catalog import check_task, task_named, task_names, task_sources
from zprl_sim.tasks.lift import LIFT_CUBE
from zprl_sim.tasks.recipe import Recipe

STACK = """
from dataclasses import replace
from zprl_sim.tasks.lift import LIFT_CUBE
from zprl_sim.tasks.recipe import Recipe
STACK = replace(LIFT_CUBE, name="stack", recipe=Recipe())
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def install(name: str, entry_points: str, modules: dict[str, str]) -> None:
        monkeypatch.syspath_prepend(foreign_package(tmp_path / name, name, f"[zprl.tasks]\n{entry_points}", modules))

    return install


def test_our_tasks_are_registered() -> None:
    assert {"lift", "pick_to_tray", "peg_insert"} <= set(task_names())
    assert task_named("lift") is LIFT_CUBE
    assert {source.package for source in task_sources() if source.name == "lift"} <= {"zprl_sim", "zprl-sim"}


def test_an_unknown_task_lists_the_known_ones() -> None:
    for look in (check_task, task_named):
        with pytest.raises(ValueError, match=r"unknown task 'juggle'; known tasks are .*lift, .*pick_to_tray"):
            look("juggle")


def test_another_package_adds_a_task_and_comes_after_ours(installed) -> None:  # type: ignore[no-untyped-def]
    installed("a_lab", "stack = a_lab.stack:STACK", {"stack": STACK})
    assert "lift" in task_names() and task_names()[-1] == "stack"
    assert task_named("stack").recipe == Recipe()
    assert str(task_sources()[-1]) == "a_lab (a_lab.stack:STACK)"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import no_such_module",
            r"ModuleNotFoundError: No module named 'no_such_module'\); fix or uninstall broken_lab",
        ),
        ("raise SystemError('half\\nwritten')", "SystemError"),
        ("", "has no attribute 'TASK'"),
        ("TASK = 3", "is a int; it must be a zprl_sim Task"),
        ("from zprl_sim.tasks.lift import LIFT_CUBE as TASK", "calls itself 'lift'; give both the same name"),
    ],
)
def test_a_broken_package_is_named_and_breaks_no_other(installed, source: str, said: str) -> None:  # type: ignore[no-untyped-def]
    installed("broken_lab", "broken = broken_lab.task:TASK", {"task": source})
    sys.modules.pop("broken_lab.task", None)
    sys.modules.pop("broken_lab", None)
    assert "broken" in task_names()
    check_task("broken")
    with pytest.raises(ValueError, match=rf"task 'broken' of broken_lab \(broken_lab.task:TASK\).*{said}") as error:
        task_named("broken")
    assert "\n" not in str(error.value)
    assert task_named("lift") is LIFT_CUBE


def test_two_packages_with_one_name_are_refused(installed) -> None:  # type: ignore[no-untyped-def]
    installed("another_lab", "lift = another_lab.stack:STACK", {"stack": STACK})
    with pytest.raises(ValueError, match=r"'lift' is registered by zprl.sim .* and by another_lab .*; rename one"):
        task_named("lift")
    assert task_names().count("lift") == 1
    assert task_named("peg_insert").name == "peg_insert"


LOADED = """
import sys
from zprl_sim.tasks.catalog import task_named, task_names
task_names()
print([name for name in sys.modules if name.startswith("zprl_sim.tasks.") or name in ("numpy", "mujoco", "torch")])
task_named("lift")
loaded = ("zprl_sim.tasks.lift", "zprl_sim.tasks.peg_insert", "mujoco", "torch")
print([name for name in loaded if name in sys.modules])
"""


def test_names_load_no_task_and_a_task_loads_alone() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["['zprl_sim.tasks.catalog']", "['zprl_sim.tasks.lift']"]
