"""The packages stay small and separate: the limits of scripts/structure.py, and what it counts."""

import importlib.util
import sys
from pathlib import Path

import pytest

from source_files import ROOT

spec = importlib.util.spec_from_file_location("structure", ROOT / "scripts" / "structure.py")
assert spec is not None and spec.loader is not None
structure = importlib.util.module_from_spec(spec)
sys.modules["structure"] = structure
spec.loader.exec_module(structure)


@pytest.mark.parametrize("measure", structure.measures(ROOT), ids=lambda measure: measure.name)
def test_limits_hold(measure) -> None:  # type: ignore[no-untyped-def]
    assert measure.holds, f"{measure.name}: {measure.value:g}{measure.unit}, limit {measure.limit:g}; {measure.found}"


def tree(folder: Path, **modules: str) -> dict[str, Path]:
    """A source tree with a package for each first part of the names."""
    for name, source in modules.items():
        package, module = name.split("__", 1)
        path = folder / "src" / package / package / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return structure.product_modules(folder)


def test_circles_are_found_through_functions_and_type_checking(tmp_path: Path) -> None:
    modules = tree(
        tmp_path,
        a__one="from b import two",
        b__two="def f():\n    from b.three import x",
        b__three="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a.one",
        b__four="import b.two",
    )
    assert structure.circles(structure.import_graph(modules)) == [["a.one", "b.three", "b.two"]]


def test_a_name_of_a_package_is_its_module_or_the_package(tmp_path: Path) -> None:
    modules = tree(
        tmp_path, a____init__="X = 1", a__one="", b__two="from a import X, one", b__three="from a.one import y"
    )
    graph = structure.import_graph(modules)
    assert graph["b.two"] == {"a", "a.one"} and graph["b.three"] == {"a.one"}


def test_two_circles_are_two() -> None:
    graph = {"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c", "a"}, "e": {"a", "c"}}
    assert structure.circles(graph) == [["a", "b"], ["c", "d"]]


def test_lines_and_folders_are_counted(tmp_path: Path) -> None:
    tree(tmp_path, a__one="x\n" * 30, a__two="", b__three="x\n" * 90)
    (tmp_path / "src" / "b" / "test").mkdir()
    (tmp_path / "src" / "b" / "test" / "test_x.py").write_text("x\n" * 500)
    package, folder, *_ = structure.measures(tmp_path)
    assert (package.value, package.holds, package.found) == (75.0, False, "b: 90 of 120")  # 90 / 120
    assert (folder.value, folder.found) == (2, "a/a")


def test_a_row_without_a_meaning_is_not_described(tmp_path: Path) -> None:
    page = tmp_path / "parameters.md"
    page.write_text("| name | meaning |\n|---|---|\n| `a` | speed [m/s] |\n| `b` |  |\n")
    measure = structure.described_parameters(page)
    assert (measure.value, measure.holds, measure.found) == (50.0, False, "1 of 2")
    assert not structure.described_parameters(tmp_path / "missing.md").holds
