"""Which files of a folder hold a pickle, in whatever wrapping torch, numpy or joblib give it."""

import pickletools
import zipfile
from pathlib import Path

LEAST = 4  # bytes; shorter strings may pass for a pickle by chance


def pickled_files(folder: Path) -> list[Path]:
    """Files that a loader could be talked into unpickling."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and holds_pickle(path)]


def holds_pickle(path: Path) -> bool:
    """Whether the file is a pickle, a torch archive, or a numpy file with objects."""
    data = path.read_bytes()
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            return any(_is_pickle(archive.read(name)) for name in archive.namelist())
    return _is_pickle(data) or (data[:6] == b"\x93NUMPY" and b"O'" in data[:200])


def _is_pickle(data: bytes) -> bool:
    """Whether it parses from its first byte to a STOP, by whatever protocol."""
    if len(data) < LEAST:
        return False
    try:
        return any(opcode.name == "STOP" for opcode, _, _ in pickletools.genops(data))
    except (ValueError, IndexError):
        return False
