#!/usr/bin/env bash
# lightning-fabric 2.6.6, PyTorch 2.13.0
#
# One would guess: Fabric(precision="bf16-mixed") trains a robot's policy as torch.autocast does, which computes matrix
#                  products in bfloat16 and leaves the rest in float32: a module gets the arm's state as it was measured.
# What happens:    every float tensor is rounded to bfloat16 before the module sees it, whatever the module does with it.
#                  It has 8 bits: tool positions near 0.6 m come in steps of 4 mm, and a difference of two of them, which
#                  autocast computes to the bit, is lost. The output is converted back to float32, so that nothing shows it.
# Also unexpected: an input that is a frozen dataclass, as of a batch of observations, is refused (ValueError).
# Way around:      keep precision 32 in Fabric, and put torch.autocast around the convolutions alone.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 lightning-fabric==2.6.6 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings
from dataclasses import dataclass
from importlib.metadata import version

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

warnings.filterwarnings("ignore")


class Travel(nn.Module):
    """The distance between two positions [m]; the layer is there because Fabric wraps modules with parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, positions: Tensor) -> Tensor:
        return positions[1] - positions[0]


@dataclass(frozen=True)
class Batch:
    positions: Tensor


class OfBatch(Travel):
    def forward(self, batch: Batch) -> Tensor:
        return super().forward(batch.positions)


print(f"lightning-fabric {version('lightning-fabric')}, PyTorch {torch.__version__}")
fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
positions = torch.tensor([0.6010, 0.6025])  # 1.5 mm apart
with torch.autocast("cpu", torch.bfloat16):
    plain = Travel()(positions)
fabric_s = fabric.setup(Travel())(positions)
print(f"autocast: {1e3 * float(plain):.3f} mm in {plain.dtype}, Fabric: {1e3 * float(fabric_s):.3f} mm in {fabric_s.dtype}")
try:
    fabric.setup(OfBatch())(Batch(positions))
    refused = ""
except ValueError as error:
    refused = str(error)
print(f"a frozen dataclass: {refused or 'accepted'}")
kept = abs(float(plain) - 0.0015) < 1e-6
rounded = abs(float(fabric_s) - 0.0015) > 1e-3 and fabric_s.dtype == torch.float32
sys.exit(0 if kept and rounded and "frozen" in refused else 1)
PYTHON
