"""Exports a base policy to ONNX, and checks the result against torch."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from zprl.inference.graphs import CORNERS, ConditionGraph, EmbedGraph, StepGraph, input_name, time_rows
from zprl.models.base_policy import BasePolicy
from zprl.models.crops import central_corners

OPSET = 17
EMBED, CONDITION, STEP = "embed", "condition", "step"


@dataclass(frozen=True)
class ExportedBase:
    """A base policy as ONNX graphs."""

    graphs: dict[str, bytes]  # EMBED, CONDITION and STEP
    times: npt.NDArray[np.float32]  # (euler_steps, C): the time's share of FiLM at each step


def export_base(base: BasePolicy) -> ExportedBase:
    """Exports a frozen base. Raises ImportError with a remedy when the exporter lacks a package."""
    config, vision = base.config, base.vision
    state = torch.zeros(1, config.observation.state_size)
    seen: list[Tensor] = []
    names = ["state"]
    if vision is not None:
        cameras = config.observation.images
        images = [torch.zeros(1, *vision.config.size, c.shape[2], dtype=torch.uint8) for c in cameras]
        seen = [central_corners(vision.config, len(cameras), 1).contiguous(), *images]
        names += [CORNERS, *map(input_name, vision.names)]
    z, x, times = torch.zeros(1, config.latent_dim), torch.zeros(1, *base.chunk_shape), time_rows(base)
    film = torch.zeros(1, times.shape[1])
    graphs = {
        EMBED: to_onnx(EmbedGraph(base), (state, *seen), names, ["e", "mu", "logvar"]),
        CONDITION: to_onnx(ConditionGraph(base), (z,), ["z"], ["condition"]),
        STEP: to_onnx(StepGraph(base), (x, film, film), ["x", "condition", "time"], ["velocity"]),
    }
    return ExportedBase(graphs, times.numpy())


def to_onnx(graph: nn.Module, inputs: tuple[Tensor, ...], names: Sequence[str], outputs: Sequence[str]) -> bytes:
    """Traces a module with example inputs and returns the ONNX model."""
    buffer: Any = io.BytesIO()  # the tracing exporter takes a file, although its annotation does not say so
    arguments: dict[str, Any] = {"input_names": list(names), "output_names": list(outputs), "opset_version": OPSET}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of each shape that it takes as constant
        # The tracing exporter: the newer one takes minutes for a U-Net.
        torch.onnx.export(graph.eval(), inputs, buffer, dynamo=False, **arguments)
    exported: bytes = buffer.getvalue()
    return exported
