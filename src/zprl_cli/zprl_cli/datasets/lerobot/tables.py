"""The Parquet tables of a LeRobot data set."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zprl_cli.datasets.dataset_episode import Array
from zprl_core.errors import RecordError, quoted


def vector(rows: Array) -> pa.Array:
    """Returns a column of vectors float32 from (T, n); of plain numbers if n is 1, as lerobot has them."""
    flat = pa.array(np.ascontiguousarray(rows, np.float32).ravel(), pa.float32())
    return flat if rows.shape[1] == 1 else pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])


def write_tasks(path: Path, sentences: Sequence[str]) -> None:
    """Writes the sentences as the index of a pandas table, where lerobot looks them up."""
    numbers = pa.array(range(len(sentences)), pa.int64())
    table = pa.table({"task_index": numbers, "task": pa.array(sentences, pa.string())})
    columns = [_described("task_index", "int64", "int64"), _described("task", "unicode", "object")]
    pandas = {"index_columns": ["task"], "column_indexes": [], "columns": columns, "pandas_version": "2.2.0"}
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(pandas)}), path)


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Reads a table, or some of its columns. Raises RecordError with the file, the cause and the remedy."""
    try:
        with pq.ParquetFile(path) as file:
            if columns is not None and (missing := sorted(set(columns) - set(file.schema_arrow.names))):
                has = ", ".join(file.schema_arrow.names)[:600]
                raise RecordError(f"{path} has no column {', '.join(missing)}; it has {has}")
            return file.read(columns=None if columns is None else list(columns))
    except FileNotFoundError:
        raise RecordError(f"the data set has no {path}; copy it again") from None
    except pa.ArrowInvalid as error:
        raise RecordError(
            f"{path} has no end, so its recording was not finished, or it was cut off ({quoted(error)}); copy it "
            "again, or record again and call finalize() of lerobot's data set"
        ) from None
    except (pa.ArrowException, UnicodeError, OSError) as error:
        if isinstance(error, RecordError):
            raise
        raise RecordError(f"{path} cannot be read: {quoted(error)}; copy it again") from None


def numbers_in(table: pa.Table, key: str, size: int, path: Path) -> Array:
    """Returns (T, size) of a column of numbers or vectors. Raises RecordError when a row has another size or none."""
    column: Any = table.column(key).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # of a table without rows
        column = pa.array([], column.type)
    try:
        lists = pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type)
        flat = column.flatten() if lists else column
        whole = not (column.null_count or flat.null_count) and len(flat) == size * table.num_rows
        if whole and lists and pa.types.is_list(column.type):
            whole = bool(np.all(column.value_lengths().to_numpy() == size))
        if whole:
            numbers = flat.to_numpy(zero_copy_only=False)
            if numbers.dtype.kind in "biuf":
                return np.asarray(numbers).reshape(table.num_rows, size)
    except pa.ArrowException as error:
        raise RecordError(f"{path}: {key} cannot be read: {quoted(error)}") from None
    raise RecordError(f"{path}: {key} has not {size} numbers in every row, as meta/info.json says; record it again")


def _described(name: str, kind: str, array: str) -> dict[str, object]:
    return {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": array, "metadata": None}
