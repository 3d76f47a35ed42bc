"""Reads and writes checkpoints and actor weights as safetensors and JSON, never as pickle.

A folder is written beside its final place and then renamed, so it is complete or absent.
"""

import json
import os
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes
from torch import Tensor, nn

from zprl.checkpoints.fingerprint import earlier_fingerprint_of, fingerprint_of
from zprl.checkpoints.metadata import CAMERAS, DEMOS, FORMAT, read_base_config, read_metadata
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl.rl.demo_replay import EmbeddedDemos
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.files import checksum_of, sync_folder
from zprl_core.streams import camera_model
from zprl_core.streams.camera_model import CameraModel

HEADER = "zprl"  # key in the header of actor weights
MAX_HIDDEN = 4096  # hidden size of a received actor
MAX_HEADER = 1 << 16  # bytes, of actor weights: a few tensors and some metadata


def write_folder(folder: Path, tensors: Mapping[str, Mapping[str, Tensor]], metadata: Mapping[str, Any]) -> None:
    """Write `folder` with one <name>.safetensors for each item of `tensors`, and checkpoint.json.

    Raises CheckpointError on a disk error; an existing folder then stays as it was.
    """
    new, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        checksums = {}
        for name, group in tensors.items():
            data = save_bytes({k: v.detach().contiguous() for k, v in group.items()})
            checksums[name] = checksum_of(data)
            write_synced(new / f"{name}.safetensors", data)
        metadata = {"format": FORMAT, "sha256": checksums, **metadata}
        write_synced(new / "checkpoint.json", json.dumps(metadata, indent=2).encode())
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
    """Read one safetensors file of a checkpoint folder. Raises CheckpointError if missing, truncated or altered."""
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
    """Check `tensors` against a module. Raises CheckpointError that names the first misfit or non-finite one."""
    want, have = _kinds(module.state_dict()), _kinds(tensors)
    for name in sorted(want.keys() | have.keys()):
        if want.get(name) != have.get(name):
            raise CheckpointError(
                f"{what}: tensor {quoted(name)} has shape {have.get(name, 'none')}, the configuration needs "
                f"{want.get(name, 'none')}; base and actor must come from the same run"
            )
    if not all(torch.isfinite(x).all() for x in tensors.values()):
        raise CheckpointError(f"{what}: holds numbers that are not finite; use an earlier checkpoint")


def made_to_fit(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], what: str) -> nn.Module:
    """Make a frozen module with `make` and load `tensors`. Raises CheckpointError like `check_fit`.

    The module is made on the meta device first, so wrong sizes allocate nothing.
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
    """Shape and type of each tensor; float32 is omitted."""
    return {k: str(tuple(x.shape)) + ("" if x.dtype == torch.float32 else f" {x.dtype}") for k, x in tensors.items()}


def _tensors_in(data: bytes) -> dict[str, Tensor]:
    """Parse safetensors bytes. Raises ValueError if they are invalid or have types unknown to torch."""
    try:
        return load_bytes(data)
    except (SafetensorError, LookupError, TypeError, ValueError, AttributeError, AssertionError, RuntimeError) as error:
        raise ValueError(quoted(error) or type(error).__name__) from None


def save_base(
    folder: Path,
    base: BasePolicy,
    cameras: Mapping[str, CameraModel] | None = None,
    demonstrations: EmbeddedDemos | None = None,
    **metadata: Any,
) -> None:
    """Write the frozen base: its weights, configuration and fingerprint, and the `cameras` that it was trained with.

    `demonstrations`: those that it was trained on, for a learner that replays them.
    """
    if cameras:
        metadata = {CAMERAS: camera_model.to_json(cameras), **metadata}
    tensors: dict[str, Mapping[str, Tensor]] = {"base": base.state_dict()}
    if demonstrations is not None:
        tensors[DEMOS] = vars(demonstrations)
    write_folder(folder, tensors, {"base": base.config.to_json(), "fingerprint": fingerprint(base), **metadata})


def load_base(folder: str | Path) -> BasePolicy:
    """Read a base that `save_base` wrote, frozen. Raises CheckpointError."""
    folder = Path(folder)
    sizes = read_base_config(folder)
    base = made_to_fit(lambda: BasePolicy(sizes), read_tensors(folder, "base"), f"base in {folder}")
    assert isinstance(base, BasePolicy)
    return base


def fingerprint(base: BasePolicy) -> str:
    """Hash a loaded base to 64 hex digits, as `read_fingerprint` does with its folder."""
    return fingerprint_of(base.config, arrays_of(base))


def earlier_fingerprint(base: BasePolicy) -> str:
    """Hash a loaded base to 16 hex digits as earlier versions did, for weights that they stored."""
    return earlier_fingerprint_of(arrays_of(base))


def arrays_of(module: nn.Module) -> dict[str, npt.NDArray[Any]]:
    """Return a module's tensors as arrays, by name."""
    return {name: x.detach().cpu().contiguous().numpy() for name, x in module.state_dict().items()}


def pack_actor(actor: Actor, metadata: Mapping[str, str] | None = None) -> bytes:
    """Pack the actor's weights as safetensors bytes, with `metadata` in the header; deterministic."""
    header = {HEADER: json.dumps(metadata or {}, sort_keys=True)}  # one entry: safetensors writes several in any order
    return save_bytes({name: x.detach().contiguous() for name, x in actor.state_dict().items()}, header)


def unpack_actor(data: bytes, embedding_dim: int, residual_dim: int, checksum: str | None = None) -> Actor:
    """Unpack an actor from safetensors bytes, with the hidden size of the weights.

    Raises CheckpointError if the checksum is wrong or the sizes E and U differ from the given ones.
    """
    if checksum is not None and checksum_of(data) != checksum:
        raise CheckpointError(f"weights have checksum {checksum_of(data)[:12]}, expected {checksum[:12]}; refused")
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
    """Read the metadata that `pack_actor` wrote. Raises CheckpointError for invalid bytes."""
    try:
        length = min(_header_length(data), MAX_HEADER)
        metadata = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][HEADER])
        return {str(key): str(value) for key, value in metadata.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointError("weights carry no header; refused") from None


def _header_length(data: bytes) -> int:
    """Size of the header as the safetensors bytes state it; 0 without one."""
    return int(struct.unpack("<Q", data[:8])[0]) if len(data) >= 8 else 0


def write_synced(path: Path, data: bytes) -> None:
    """Write a file, and return once it is on the disk. Raises OSError."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
