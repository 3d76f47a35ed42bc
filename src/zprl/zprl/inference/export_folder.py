"""Saves and loads an exported base: one ONNX file per graph, the time rows, and export.json."""

import json
import os
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import onnx
from safetensors import SafetensorError
from safetensors.numpy import load, save

from zprl.inference.comparison import ExportErrors
from zprl.inference.export import CONDITION, EMBED, OPSET, STEP, ExportedBase
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.files import checksum_of

FORMAT = 2
GRAPHS = (EMBED, CONDITION, STEP)
MANIFEST, TIMES, ACTOR = "export.json", "times.safetensors", "actor"


class Precision(str, Enum):
    """The numbers that the graphs compute with."""

    FLOAT32 = "float32"
    INT8 = "int8"


@dataclass(frozen=True)
class ExportInfo:
    """The base of an export, and its accuracy."""

    fingerprint: str  # of the base
    precision: Precision
    errors: ExportErrors  # against torch, on `observations` observations
    observations: int


def save_export(folder: Path, exported: ExportedBase, actor: bytes, info: ExportInfo) -> None:
    """Writes an export; `actor` is the graph of its actors. Raises CheckpointError on a disk error."""
    files = {f"{name}.onnx": graph for name, graph in {**exported.graphs, ACTOR: actor}.items()}
    files[TIMES] = save({"times": exported.times})
    manifest = {
        "format": FORMAT,
        "opset": OPSET,
        **asdict(info),
        "graphs": {name: _interface(graph) for name, graph in {**exported.graphs, ACTOR: actor}.items()},
        "sha256": {name: checksum_of(data) for name, data in files.items()},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)  # without it the folder is incomplete
        for name, data in files.items():
            (folder / name).write_bytes(data)
        new = folder / f".{MANIFEST}.new"
        new.write_text(json.dumps(manifest, indent=2) + "\n")
        os.replace(new, folder / MANIFEST)
    except OSError as error:
        raise CheckpointError(f"cannot write {folder}: {error}; {remedy(error)}") from None


def load_export(folder: Path, fingerprint: str) -> tuple[ExportedBase, Precision]:
    """Reads an export of the base with this fingerprint. Raises CheckpointError when it is of another, or damaged."""
    again = "run zprl export again"
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["format"] != FORMAT:
            raise CheckpointError(
                f"{folder} has format {quoted(manifest['format'])}, this version reads {FORMAT}; {again}"
            )
        if manifest["fingerprint"] != fingerprint:
            raise CheckpointError(
                f"{folder} is an export of base {quoted(str(manifest['fingerprint'])[:12])}, but the policy's base is "
                f"{fingerprint[:12]}; export that one (zprl export RUN), or leave inference.folder empty"
            )
        data = {name: (folder / name).read_bytes() for name in (*(f"{g}.onnx" for g in GRAPHS), TIMES)}
        wrong = [name for name, x in data.items() if checksum_of(x) != manifest["sha256"].get(name)]
        if wrong:
            raise CheckpointError(f"{folder / wrong[0]} is damaged (its checksum is wrong); {again}")
        times = load(data[TIMES])["times"]
        return ExportedBase({g: data[f"{g}.onnx"] for g in GRAPHS}, times), Precision(manifest["precision"])
    except FileNotFoundError as error:
        raise CheckpointError(f"{error.filename} is missing: {folder} is no complete export; {again}") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError, RecursionError) as error:
        raise CheckpointError(f"{folder} is damaged ({quoted(error)}); {again}") from None


def _interface(graph: bytes) -> dict[str, Any]:
    """Names, types and shapes of a graph's inputs and outputs."""
    model = onnx.load_from_string(graph).graph
    return {"inputs": _values(model.input), "outputs": _values(model.output)}


def _values(values: Any) -> dict[str, str]:
    described = {}
    for value in values:
        tensor = value.type.tensor_type
        kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
        described[value.name] = f"{kind} {tuple(d.dim_value for d in tensor.shape.dim)}"
    return described
