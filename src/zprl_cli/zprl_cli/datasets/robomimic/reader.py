"""Reads demonstrations from a robomimic HDF5 file."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from zprl_cli.datasets.dataset_episode import Array, DatasetEpisode, rows_of
from zprl_cli.datasets.robomimic.writer import SPECS
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.errors import RecordError, quoted

DEMO = re.compile(r"demo_?(\d+)")
# Errors that h5py raises for a damaged or an odd file.
DAMAGE = (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, ArithmeticError)


class RobomimicReader:
    """The demonstrations of a file, in the order of their numbers: demo_2 before demo_10."""

    def __init__(self, path: Path):
        """Raises RecordError when the file cannot be read, or has no demonstrations."""
        self.path = path
        self.names: Mapping[str, tuple[str, ...]] = {}
        self.shapes: Mapping[str, tuple[int, ...]] = {}
        try:
            with h5py.File(path, "r") as file:
                self._names = _demos(path, file)
                attributes = dict(file["data"].attrs)
                first = file["data"][self._names[0]]
                self.shapes = {key: _shape(first[key]) for key in _keys(first)}
        except RecordError:
            raise
        except DAMAGE as error:
            raise RecordError(
                f"{path} cannot be read as HDF5: {quoted(error)}; if it was cut off, copy or record it again"
            ) from None
        self.count = len(self._names)
        self.rate_hz = _rate(attributes.get("env_args"))
        self.saved = _saved(path, attributes.get(SPECS))

    def episodes(self, keys: Collection[str]) -> Iterator[DatasetEpisode]:
        """Yields the demonstrations with the arrays of `keys`. Raises RecordError with file, demonstration and key."""
        with h5py.File(self.path, "r") as file:
            for name in self._names:
                group = file["data"][name]
                arrays = {key: self._array(group, name, key) for key in keys}
                if len({len(x) for x in arrays.values()}) > 1:
                    lengths = ", ".join(f"{key} {len(x)}" for key, x in arrays.items())
                    raise RecordError(f"{self.path}: {name} has arrays of several lengths: {lengths}")
                if not len(next(iter(arrays.values()))):
                    raise RecordError(f"{self.path}: {name} has no step; remove it")
                yield DatasetEpisode(name, arrays)

    def _array(self, group: Any, name: str, key: str) -> Array:
        where = f"{self.path}: {name}"
        try:
            if key not in group or not isinstance(group[key], h5py.Dataset):
                raise RecordError(f"{where} has no {key}, which the demonstrations before have; remove one or add it")
            array = rows_of(group[key][()])
        except RecordError:
            raise
        except DAMAGE as error:
            raise RecordError(f"{where}/{key} is damaged: {quoted(error)}; copy or record it again") from None
        if array.shape[1:] != self.shapes[key]:
            raise RecordError(f"{where}/{key} has shape {array.shape}, those before had (T, {self.shapes[key]})")
        if array.dtype.kind not in "biuf":
            raise RecordError(f"{where}/{key} has no numbers but {array.dtype}")
        if array.ndim == 4 and array.dtype != np.uint8:
            raise RecordError(f"{where}/{key} has images of {array.dtype}; write them as uint8 from 0 to 255")
        return array


def _demos(path: Path, file: h5py.File) -> list[str]:
    data = file.get("data")
    if not isinstance(data, h5py.Group):
        raise RecordError(f"{path} has no group data; give a file of robomimic's format")
    numbers = {int(match[1]): name for name in data if (match := DEMO.fullmatch(name))}
    if not numbers:
        raise RecordError(f"{path} has no demonstrations: its group data has no demo_0, demo_1 and so on")
    return [numbers[number] for number in sorted(numbers)]


def _keys(group: Any) -> list[str]:
    found: list[str] = []

    def visit(name: object, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim and isinstance(name, str):  # bytes, if it is no UTF-8
            found.append(name)

    group.visititems(visit)
    return found


def _shape(array: h5py.Dataset) -> tuple[int, ...]:
    return array.shape[1:] if array.ndim > 1 else (1,)


def _rate(env_args: Any) -> float | None:
    with suppress(ValueError, TypeError, LookupError):
        rate = json.loads(env_args)["env_kwargs"]["control_freq"]
        if not isinstance(rate, bool) and rate > 0:
            return float(rate)
    return None


def _saved(path: Path, text: Any) -> SavedSpecs | None:
    if text is None:
        return None
    try:
        return SavedSpecs.from_text(text.decode() if isinstance(text, bytes) else str(text))
    except ValueError as error:
        raise RecordError(f"{path}: {error}") from None
