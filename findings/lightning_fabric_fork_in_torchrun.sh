#!/usr/bin/env bash
# lightning-fabric 2.6.6, PyTorch 2.13.0
#
# One would guess: Fabric(devices=2, strategy="ddp_fork") trains in two processes with the ranks 0 and 1, or refuses a
#                  number of devices that its surroundings do not allow, as strategy "ddp" does under torchrun.
# What happens:    under torchrun with one process (and likewise in a Slurm allocation) both forked processes are rank 0
#                  of 1: rank and world size are read from RANK and WORLD_SIZE, which both inherit. Each trains alone on
#                  its own data, no gradient is exchanged, and no error or warning says so. Both are rank 0, so that both
#                  write what rank 0 writes. Without torchrun the same program averages their gradients. In a Slurm
#                  allocation the second process fails instead: the address is already in use.
# Way around:      pass the cluster environment explicitly: Fabric(..., plugins=[LightningEnvironment()]), or one of
#                  DDPStrategy(cluster_environment=..., start_method="fork").
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 lightning-fabric==2.6.6 numpy==2.4.6
cat >"$folder/train.py" <<'PYTHON'
import os
import sys

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import LightningEnvironment


class Distance(torch.nn.Module):
    """The square of w - x, at first w = 0."""

    def __init__(self) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.w - x).square().sum()


def train(fabric: Fabric) -> None:
    """One step that sets w to the mean of all processes' x, which is 0 in the first one and 1 in the second."""
    network = Distance()
    model, optimizer = fabric.setup(network, torch.optim.SGD(network.parameters(), 0.5))
    fabric.backward(model(torch.tensor([float(os.environ["LOCAL_RANK"])])))
    optimizer.step()
    print(f"{sys.argv[1]}: rank {fabric.global_rank} of {fabric.world_size}, w {network.w.item()}\n", end="", flush=True)


if __name__ == "__main__":
    plugins = [LightningEnvironment()] if sys.argv[1] == "explicit" else None
    Fabric(accelerator="cpu", devices=2, strategy="ddp_fork", plugins=plugins).launch(train)
PYTHON
export OMP_NUM_THREADS=1
python="$folder/venv/bin/python"
found="$("$python" "$folder/train.py" plain 2>/dev/null
for how in torchrun explicit; do
    "$python" -m torch.distributed.run --nproc-per-node 1 "$folder/train.py" "$how" 2>/dev/null
done)"
sort <<<"$found"
test "$(grep -c "^plain: rank [01] of 2, w 0.5" <<<"$found")" = 2
grep -q "^torchrun: rank 0 of 1, w 0.0" <<<"$found"
grep -q "^torchrun: rank 0 of 1, w 1.0" <<<"$found"
test "$(grep -c "^explicit: rank [01] of 2, w 0.5" <<<"$found")" = 2
