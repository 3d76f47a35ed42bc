"""What the tests that read source code share: the product's Python files, and what each of them imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def product_files() -> list[Path]:
    """Python files under src/ that are installed: no tests, no setup.py."""
    files = [p for p in sorted((ROOT / "src").glob("*/*/**/*.py")) if p.relative_to(ROOT).parts[2] != "test"]
    assert files, f"no Python files under {ROOT / 'src'}"
    return files


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Full names of the modules imported anywhere in the tree, with their lines, relative ones left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
        elif isinstance(node, ast.Call) and _is_import_call(node.func) and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, node.lineno


def _is_import_call(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in ("__import__", "import_module")
    return isinstance(function, ast.Attribute) and function.attr == "import_module"
