"""Folders whose files were bent, for the fuzz targets that read folders."""

import json
import shutil
from pathlib import Path
from random import Random

from mutators import mutate, mutated_json, mutated_tensors
from zprl_core.files import checksum_of

Files = dict[str, bytes]


def files_in(folder: Path) -> Files:
    """The files in a folder and below, by path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def put(folder: Path, files: Files) -> Path:
    """Only these files are in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def mutated_folder(rng: Random, files: Files, repair: bool = True) -> Files:
    """One or two of the files bent or gone. With `repair`, most checksums are made right again: somebody meant it."""
    files = dict(files)
    for name in rng.sample(sorted(files), min(len(files), rng.choice((1, 1, 2)))):
        if rng.random() < 0.03:
            del files[name]
        else:
            files[name] = _mutated_file(rng, name, files[name])
    if repair and rng.random() < 0.8:
        _repair(files)
    return files


def _mutated_file(rng: Random, name: str, data: bytes) -> bytes:
    if name.endswith(".json"):
        if rng.random() < 0.3:
            return mutate(rng, [data])
        return mutated_json(rng, json.loads(data)).encode("utf-8", "surrogatepass")
    return mutated_tensors(rng, [data]) if name.endswith(".safetensors") else mutate(rng, [data])


def _repair(files: Files) -> None:
    """Checksums that fit what is there."""
    for name in [name for name in files if name.endswith("checkpoint.json")]:
        prefix = name.removesuffix("checkpoint.json")
        try:
            found = json.loads(files[name])
            for key in found["sha256"]:
                found["sha256"][key] = checksum_of(files[f"{prefix}{key}.safetensors"])
            files[name] = json.dumps(found).encode("utf-8", "surrogatepass")
        except (ValueError, LookupError, TypeError, RecursionError):
            continue
