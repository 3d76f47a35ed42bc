"""Compares what several processes were given, before they train on it together."""

import torch
from lightning_fabric import Fabric
from torch import Tensor

from zprl_core.files import checksum_of

DIGITS = 15  # hexadecimal, which fit into an int64


def check_same(fabric: Fabric, settings: str, *data: Tensor) -> None:
    """Raises ValueError in every process unless all have the same settings and data (any shape, on the CPU)."""
    if fabric.world_size == 1:
        return
    parts = [settings.encode(), *(f"{tuple(x.shape)}".encode() + x.numpy().tobytes() for x in data)]
    digest = checksum_of(" ".join(map(checksum_of, parts)).encode())
    numbers = torch.zeros(fabric.world_size, dtype=torch.int64)
    numbers[fabric.global_rank] = int(digest[:DIGITS], 16)
    found: list[int] = torch.as_tensor(fabric.all_reduce(fabric.to_device(numbers), reduce_op="sum")).tolist()
    others = [str(rank) for rank, number in enumerate(found) if number != found[0]]
    if others:
        raise ValueError(
            f"process {', '.join(others)} of {len(found)} has other demonstrations or settings than process 0; give "
            "every machine the same command, release and demonstrations"
        )
