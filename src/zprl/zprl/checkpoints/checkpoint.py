"""Checkpoints and weights on the wire: safetensors for numbers, JSON for words. Never pickle.

A folder is written beside its final place and then renamed, so it is there whole or not at all.
"""

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes
from torch import Tensor, nn

from zprl.checkpoints.metadata import FORMAT, read_base_config, read_metadata
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.files import checksum_of, sync_folder

HEADER = "zprl"  # entry in the header of actor weights
MAX_HIDDEN = 4096  # of an actor from the wire
MAX_HEADER = 1 << 16  # bytes, of actor weights: a few tensors and a few words


def write_folder(folder: Path, tensors: Mapping[str, Mapping[str, Tensor]], metadata: Mapping[str, Any]) -> None:
    """Write `folder` with one <name>.safetensors for each item of `tensors`, and checkpoint.json.

    Raises CheckpointError when the disk refuses; a folder that was there before stays as it was.
    """
    new, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        checksums = {}
        for name, group in tensors.items():
            data = save_bytes({k: v.detach().contiguous() for k, v in group.items()})
            checksums[name] = checksum_of(data)
            _write(new / f"{name}.safetensors", data)
        metadata = {"format": FORMAT, "sha256": checksums, **metadata}
        _write(new / "checkpoint.json", json.dumps(metadata, indent=2).encode())
        sync_folder(new)
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        sync_folder(folder.parent)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        raise CheckpointError(f"cannot write {folder}: {error}; {remedy(error)} or choose another run folder") from None


def read_tensors(folder: Path, name: str) -> dict[str, Tensor]:
    """One safetensors file of a checkpoint folder. Raises CheckpointError when missing, truncated or altered."""
    path = folder / f"{name}.safetensors"
    checksums = read_metadata(folder).get("sha256")
    expected = checksums.get(name) if isinstance(checksums, dict) else None
    try:
        data = path.read_bytes()
        if checksum_of(data) != expected:
            raise CheckpointError(f"{path} is damaged (its checksum is wrong); restore it or train again")
        return _tensors_in(data)
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing; the checkpoint is not complete") from None
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path} is truncated or damaged ({error}); restore it or train again") from None


def check_fit(module: nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Raises CheckpointError that names the first of `tensors` that is not one of the module's, or is not finite."""
    want, have = _kinds(module.state_dict()), _kinds(tensors)
    for name in sorted(want.keys() | have.keys()):
        if want.get(name) != have.get(name):
            raise CheckpointError(
                f"{what}: tensor {quoted(name)} has shape {have.get(name, 'none')}, the configuration needs "
                f"{want.get(name, 'none')}; base and actor must come from the same run"
            )
    if not all(torch.isfinite(x).all() for x in tensors.values()):
        raise CheckpointError(f"{what}: holds numbers that are not finite; take an earlier checkpoint")


def made_to_fit(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], what: str) -> nn.Module:
    """The module that `make` makes, frozen, with `tensors` in it. Raises CheckpointError like `check_fit`.

    It is made without memory first: sizes that are wrong allocate nothing.
    """
    try:
        with torch.device("meta"):
            hollow = make()
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"{what}: its sizes are unusable ({quoted(error)}); restore it or train again") from None
    check_fit(hollow, tensors, what)
    module = make()
    module.load_state_dict(dict(tensors))
    return freeze(module)


def _kinds(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Shape and type of each; the type is left out where it is the usual one."""
    return {k: str(tuple(x.shape)) + ("" if x.dtype == torch.float32 else f" {x.dtype}") for k, x in tensors.items()}


def _tensors_in(data: bytes) -> dict[str, Tensor]:
    """Raises ValueError when this is no safetensors file, or one with types that torch does not know."""
    try:
        return load_bytes(data)
    except (SafetensorError, LookupError, TypeError, ValueError, AttributeError, AssertionError, RuntimeError) as error:
        raise ValueError(quoted(error) or type(error).__name__) from None


def save_base(folder: Path, base: BasePolicy, **metadata: Any) -> None:
    """Write the frozen base: its weights, configuration and fingerprint."""
    config = base.config.to_json()
    write_folder(folder, {"base": base.state_dict()}, {"base": config, "fingerprint": fingerprint(base), **metadata})


def load_base(folder: str | Path) -> BasePolicy:
    """Read what `save_base` wrote, frozen. Raises CheckpointError."""
    folder = Path(folder)
    sizes = read_base_config(folder)
    base = made_to_fit(lambda: BasePolicy(sizes), read_tensors(folder, "base"), f"base in {folder}")
    assert isinstance(base, BasePolicy)
    return base


def fingerprint(base: nn.Module) -> str:
    """16 hex digits that change when any weight of the base changes."""
    digest = hashlib.sha256()
    for name, x in sorted(base.state_dict().items()):
        digest.update(name.encode() + x.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def pack_actor(actor: Actor, metadata: Mapping[str, str] | None = None) -> bytes:
    """The actor's weights as safetensors bytes, with `metadata` in their header; same weights, same bytes."""
    header = {HEADER: json.dumps(metadata or {}, sort_keys=True)}  # one entry: safetensors writes several in any order
    return save_bytes({name: x.detach().contiguous() for name, x in actor.state_dict().items()}, header)


def unpack_actor(data: bytes, embedding_dim: int, residual_dim: int, checksum: str | None = None) -> Actor:
    """An actor from safetensors bytes; its hidden size is the weights' own.

    Raises CheckpointError when the checksum is wrong, or the sizes E and U are not the given ones.
    """
    if checksum is not None and checksum_of(data) != checksum:
        raise CheckpointError(f"weights have checksum {checksum_of(data)[:12]}, announced was {checksum[:12]}; refused")
    if _header_length(data) > MAX_HEADER:
        raise CheckpointError(f"weights have a header of more than {MAX_HEADER} bytes; refused")
    try:
        tensors = _tensors_in(data)
    except ValueError as error:
        raise CheckpointError(f"weights are not safetensors ({error}); refused") from None
    first = tensors.get("net.0.weight")
    if first is None or first.ndim != 2 or not 1 <= len(first) <= MAX_HIDDEN:
        raise CheckpointError("weights are not those of an actor; refused")
    shape = ActorShape(embedding_dim, residual_dim, len(first))
    actor = made_to_fit(lambda: Actor(shape), tensors, "actor weights")
    assert isinstance(actor, Actor)
    return actor


def metadata_from(data: bytes) -> dict[str, str]:
    """What `pack_actor` wrote into the header. Raises CheckpointError when this is no safetensors file."""
    try:
        length = min(_header_length(data), MAX_HEADER)
        metadata = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][HEADER])
        return {str(key): str(value) for key, value in metadata.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointError("weights carry no header; refused") from None


def _header_length(data: bytes) -> int:
    """What safetensors bytes say of their header; 0 where there is none."""
    return int(struct.unpack("<Q", data[:8])[0]) if len(data) >= 8 else 0


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
