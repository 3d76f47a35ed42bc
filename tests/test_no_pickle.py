"""Nothing that is read from a wire or a disk can run code: no pickle in any of its forms.

The one exception is torch.load with weights_only=True, for weights of other software: it makes tensors, and no objects.
"""

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pickles import pickled_files
from source_files import ROOT, imports, product_files

MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
CALLS = {"torch.load", "torch.save", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}


def dangers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What in the tree reads or writes pickles (or the like), with its line."""
    yield from ((name, line) for name, line in imports(tree) if name.split(".")[0] in MODULES)
    allowed = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _of_weights_only(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.ImportFrom) and id(node) not in allowed:
            yield from ((name, node.lineno) for name in _full_names(node) if name in CALLS)
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and not _is_false(node.value):
            yield "allow_pickle", node.value.lineno


def _full_names(node: ast.Attribute | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return [f"{node.value.id}.{node.attr}"] if isinstance(node.value, ast.Name) else []


def _of_weights_only(call: ast.Call) -> bool:
    """Whether a call is torch.load(..., weights_only=True), written out."""
    given = {x.arg: x.value for x in call.keywords}.get("weights_only")
    only = isinstance(given, ast.Constant) and given.value is True
    return only and isinstance(call.func, ast.Attribute) and _full_names(call.func) == ["torch.load"]


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize("path", product_files(), ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_no_pickle(path: Path) -> None:
    found = dangers(ast.parse(path.read_text(), filename=str(path)))
    assert not [f"{path.relative_to(ROOT)}:{line}: {name}" for name, line in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pickle", ["pickle"]),
        ("from shelve import open", ["shelve"]),
        ("import torch\ntorch.load('x')", ["torch.load"]),
        ("from torch import load", ["torch.load"]),
        ("import torch\ntorch.load('x', weights_only=True)", []),
        ("import torch\ntorch.load('x', weights_only=only)", ["torch.load"]),
        ("import torch\ntorch.load('x', weights_only=False)", ["torch.load"]),
        ("import torch\ntorch.save('x', weights_only=True)", ["torch.save"]),
        ("import numpy as np\nnp.load('x', allow_pickle=True)", ["allow_pickle"]),
        ("import numpy as np\nnp.load('x', allow_pickle=False)", []),
        ("import importlib\nimportlib.import_module('marshal')", ["marshal"]),
        ("from safetensors.torch import load", []),
        ("import yaml\nyaml.safe_load('x')", []),
    ],
)
def test_sees_it(source: str, expected: list[str]) -> None:
    assert [name for name, _ in dangers(ast.parse(source))] == expected


def test_it_sees_a_pickle_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(pickle.dumps({"a": [1, 2]}, protocol=0))
    (tmp_path / "new").write_bytes(pickle.dumps({"a": [1, 2]}))
    torch.save({"a": torch.zeros(2)}, tmp_path / "torch")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "numbers.npy", np.zeros(3))
    (tmp_path / "text.json").write_text('{"a": 1}')
    assert [path.name for path in pickled_files(tmp_path)] == ["new", "objects.npy", "old", "torch"]
