"""Quantizes an exported base to int8: static, calibrated on observations.

Weights are int8 per channel, activations uint8, of the operators below only: with additions and norms quantized too,
the error of a U-Net step is eight times larger. A processor without VNNI may saturate in such products,
so measure the success rate on the machine that runs it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from zprl.inference.export import CONDITION, EMBED, STEP, ExportedBase
from zprl.inference.graphs import embed_inputs
from zprl.models.base_policy import BasePolicy
from zprl.models.embedding import normal
from zprl.models.observation_batch import ObservationBatch

OPERATORS = {
    EMBED: ["Conv"],  # the positions of a spatial softmax, the state and the bottleneck need more than 8 bits
    CONDITION: ["Gemm", "MatMul"],
    STEP: ["Conv", "Gemm", "MatMul"],
}
Inputs = dict[str, npt.NDArray[Any]]


class _Reader(CalibrationDataReader):
    def __init__(self, inputs: Sequence[Inputs]):
        self._left: Iterator[Inputs] = iter(inputs)

    def get_next(self) -> Inputs | None:
        return next(self._left, None)


def quantized(base: BasePolicy, exported: ExportedBase, observations: Sequence[ObservationBatch]) -> ExportedBase:
    """Returns int8 graphs of a float32 export. `observations`: batches of one, to calibrate on; 100 to 300 suffice."""
    inputs = _inputs(base, exported, observations)
    with tempfile.TemporaryDirectory() as folder:
        graphs = {
            name: _static(graph, inputs[name], OPERATORS[name], Path(folder)) for name, graph in exported.graphs.items()
        }
    return replace(exported, graphs=graphs)


@torch.no_grad()
def _inputs(
    base: BasePolicy, exported: ExportedBase, observations: Sequence[ObservationBatch]
) -> dict[str, list[Inputs]]:
    """The inputs that each graph gets on these observations."""
    rng = torch.Generator().manual_seed(0)
    found: dict[str, list[Inputs]] = {EMBED: [], CONDITION: [], STEP: []}
    for observation in observations:
        found[EMBED].append(embed_inputs(base.config, observation))
        z = base.embed(observation).sample(rng)
        found[CONDITION].append({"z": z.numpy()})
        condition = base.velocity.condition(base.bottleneck.decode(z))
        x = normal((1, *base.chunk_shape), rng)
        for time in exported.times:
            row = torch.from_numpy(time[None])
            found[STEP].append({"x": x.numpy(), "condition": condition.numpy(), "time": time[None]})
            x = x + base.velocity.step(x, condition + row) / len(exported.times)
    return found


def _static(graph: bytes, inputs: list[Inputs], operators: list[str], folder: Path) -> bytes:
    source, prepared, target = (folder / f"{name}.onnx" for name in ("source", "prepared", "target"))
    source.write_bytes(graph)
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(target),
        _Reader(inputs),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=operators,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return target.read_bytes()
