"""The fingerprint of a base: a SHA-256 of its weights, normalization, sizes and specs. Does not load torch.

It depends on the content only, so a copied or renamed folder keeps it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load

from zprl.checkpoints.metadata import read_base_config, read_metadata
from zprl.models.config import BaseConfig
from zprl_core.errors import CheckpointError, quoted
from zprl_core.files import checksum_of

METHOD = b"zprl base 1\n"  # changes when the fingerprint is computed in another way
SHORT = 12  # hex digits shown in messages
Arrays = Mapping[str, npt.NDArray[Any]]


def fingerprint_of(config: BaseConfig, arrays: Arrays) -> str:
    """Hash a base to 64 hex digits: its config as JSON with sorted keys, then its arrays by name."""
    digest = hashlib.sha256(METHOD)
    digest.update(json.dumps(config.to_json(), sort_keys=True, separators=(",", ":")).encode())
    for name in sorted(arrays):
        x = arrays[name]
        digest.update(f"\n{name} {x.dtype} {x.shape}\n".encode() + np.ascontiguousarray(x).tobytes())
    return digest.hexdigest()


def earlier_fingerprint_of(arrays: Arrays) -> str:
    """Hash a base's arrays alone to 16 hex digits, as earlier versions did in weights and checkpoints."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def read_fingerprint(folder: str | Path) -> str:
    """Compute the fingerprint of the base in a checkpoint folder. Raises CheckpointError if missing or damaged."""
    folder = Path(folder)
    return fingerprint_of(read_base_config(folder), _read_arrays(folder))


def short(fingerprint: str) -> str:
    """The first digits of a fingerprint, for a message; "unknown" without one."""
    return fingerprint[:SHORT] or "unknown"


def _read_arrays(folder: Path) -> Arrays:
    path, checksums = folder / "base.safetensors", read_metadata(folder).get("sha256")
    try:
        data = path.read_bytes()
        if not isinstance(checksums, dict) or checksum_of(data) != checksums.get("base"):
            raise ValueError("its checksum is wrong")
        return load(data)
    except (SafetensorError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is missing or damaged ({quoted(error)}); restore it or train again") from None
