"""Reads what trackers keep of a run: MLflow by its client, wandb by the records of its file.

wandb has no reader of its own in Python: the file is in the log format of LevelDB, its records are of protobuf.
"""

import json
import struct
from pathlib import Path
from typing import Any

BLOCK = 32768
HEADER = struct.Struct("<IHB")  # checksum, length, kind
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def wandb_files(run: Path) -> list[Path]:
    """The offline files of a run, in the order in which they were made."""
    return sorted((run / "trackers" / "wandb").glob("offline-run-*/run-*.wandb"))


def wandb_rows(run: Path) -> list[dict[str, Any]]:
    """The rows that a run logged to wandb."""
    return [row for file in wandb_files(run) for row in history(file)]


def history_of_mlflow(run: Path, name: str) -> list[tuple[int, float]]:
    """Steps and values of a metric of a run."""
    client, identity = mlflow_run(run)
    return [(metric.step, metric.value) for metric in client.get_metric_history(identity, name)]


def mlflow_run(run: Path) -> tuple[Any, str]:
    """A client for the store of a run, and the id of its only run."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{run / 'trackers' / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("zprl")
    assert experiment is not None
    (found,) = client.search_runs([experiment.experiment_id])
    return client, found.info.run_id


def history(path: Path) -> list[dict[str, Any]]:
    """The logged rows of a .wandb file, each by the names of its values."""
    from wandb.proto import wandb_internal_pb2

    rows = []
    for content in records(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(content)
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append({item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items})
    return rows


def records(content: bytes) -> list[bytes]:
    """The records of a file. Its first block begins with seven bytes of wandb."""
    assert content[:4] == b":W&B"
    found, part, at = [], b"", 7
    while at + HEADER.size <= len(content):
        if BLOCK - at % BLOCK < HEADER.size:
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = HEADER.unpack_from(content, at)
        at += HEADER.size
        part = (b"" if kind in (WHOLE, FIRST) else part) + content[at : at + length]
        at += length
        if kind in (WHOLE, LAST):
            found.append(part)
    return found
