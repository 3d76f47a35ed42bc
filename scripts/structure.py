#!/usr/bin/env python3
"""Measures size and separation of the packages against limits, with the standard library only.

    python scripts/structure.py [FOLDER]      # folder of a clone; default: this one

Exit code 0: within all limits; 1: not.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = Path("docs/reference/parameters.md")  # generated from the fields; a test compares them

Graph = dict[str, set[str]]  # imports of each module or package, among the others


@dataclass(frozen=True)
class Measure:
    """One line of the table. `limit` is the greatest allowed value, or the smallest with `at_least`."""

    name: str
    value: float
    limit: float
    unit: str = ""
    found: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def measures(root: Path) -> tuple[Measure, ...]:
    """Measure the clone at `root`."""
    modules = product_modules(root)
    graph = import_graph(modules)
    packages: Graph = {}
    for module, imported in graph.items():
        here = module.split(".")[0]
        packages.setdefault(here, set()).update(name.split(".")[0] for name in imported)
    return (
        _largest_package(modules),
        _largest_folder(modules),
        _circles("import circles between modules", graph),
        _circles("import circles between packages", packages),
        described_parameters(root / PARAMETERS),
    )


def product_modules(root: Path) -> dict[str, Path]:
    """Return name and file of every installed module: no tests, no setup.py, no launch files."""
    modules = {}
    for path in sorted((root / "src").glob("*/*/**/*.py")):
        package, folder, *_ = path.relative_to(root / "src").parts
        if folder == package:
            name = ".".join(path.relative_to(root / "src" / package).with_suffix("").parts)
            modules[name.removesuffix(".__init__")] = path
    return modules


def import_graph(modules: Mapping[str, Path]) -> Graph:
    """Return the imports among the modules, including those within functions and for types only."""
    return {name: set(_imported(path, modules)) - {name} for name, path in modules.items()}


def _imported(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names} & modules.keys()
            if len(names) < len(node.names) and node.module in modules:
                yield node.module
            yield from names


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of two or more nodes that import each other (strongly connected components), sorted."""
    found, reach = [], {name: _reachable(graph, name) for name in graph}
    left = set(graph)
    while left:
        name = min(left)
        group = {name} | {other for other in reach[name] if name in reach.get(other, ())}
        left -= group
        if len(group) > 1:
            found.append(sorted(group))
    return sorted(found)


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in graph.get(todo.pop(), set()) - seen:
            seen.add(name)
            todo.append(name)
    return seen


def _largest_package(modules: Mapping[str, Path]) -> Measure:
    lines: Counter[str] = Counter()
    for name, path in modules.items():
        lines[name.split(".")[0]] += len(path.read_text().splitlines())
    package, most = lines.most_common(1)[0]
    share = 100 * most / lines.total()
    return Measure("largest package", round(share, 1), 21, " % of the lines", f"{package}: {most} of {lines.total()}")


def _largest_folder(modules: Mapping[str, Path]) -> Measure:
    folders = Counter(path.parent for path in modules.values() if path.name != "__init__.py")
    folder, count = folders.most_common(1)[0]
    return Measure("modules in one folder", count, 25, "", "/".join(folder.parts[-2:]))


def _circles(name: str, graph: Graph) -> Measure:
    found = circles(graph)
    return Measure(name, len(found), 0, "", "; ".join(" <-> ".join(group) for group in found))


def described_parameters(page: Path) -> Measure:
    """Measure the share of rows on the parameter page with a meaning in the last cell."""
    text = page.read_text() if page.exists() else ""
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    described = [row for row in rows if row.rstrip().rstrip("|").rpartition("|")[2].strip()]
    share = 100 * len(described) / len(rows) if rows else 0.0
    return Measure("parameters with a description", share, 100, " %", f"{len(described)} of {len(rows)}", at_least=True)


def main(arguments: list[str]) -> int:
    """Print the table; return 0 if all limits hold, else 1."""
    found = measures(Path(arguments[0]).resolve() if arguments else ROOT)
    for each in found:
        bound = f"{'at least' if each.at_least else 'at most'} {each.limit:g}"
        state = "ok" if each.holds else "FAILS"
        print(f"{each.name:<32}{f'{each.value:g}{each.unit}':<22}{bound:<14}{state:<7}{each.found}".rstrip())
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
