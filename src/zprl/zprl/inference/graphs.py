"""The parts of a base policy that become ONNX graphs. Batch size 1; the Euler loop runs outside (method.md, online).

One graph per part: the encoder once a chunk, the FiLM of the latent once a chunk, one flow step `euler_steps` times.
An unrolled loop would hold its own copy of the packed weights for every step when quantized.
"""

from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.models.crops import central_corners
from zprl.models.observation_batch import ObservationBatch
from zprl.models.vision import resized, resized_depth

CORNERS = "corners"  # the graph's input for the corners of the images' crops


def input_name(camera: str) -> str:
    """The graph's input for a camera's images."""
    return f"image_{camera.replace('/', '_')}"


def embed_inputs(config: BaseConfig, batch: ObservationBatch) -> dict[str, npt.NDArray[Any]]:
    """Returns the inputs of the graph `embed` for one observation: images are resized to the encoder's size."""
    inputs: dict[str, npt.NDArray[Any]] = {"state": batch.state.numpy()}
    if config.vision is not None:
        corners = central_corners(config.vision, len(batch.images), 1) if batch.corners is None else batch.corners
        inputs[CORNERS] = corners.contiguous().numpy()
        for name, images in batch.images.items():
            resize = resized_depth if config.observation[name].is_depth else resized
            inputs[input_name(name)] = resize(images, config.vision.size).contiguous().numpy()
    return inputs


class EmbedGraph(nn.Module):
    """Encoder and bottleneck.

    Maps state (1, S) and, if there are cameras, the corners of their crops (cameras, 1, 2) and images (1, h, w, c),
    uint8 of the encoder's size, to e (1, E), standardized, mu and logvar (1, Z).
    """

    def __init__(self, base: BasePolicy):
        super().__init__()
        self.base = base

    def forward(self, state: Tensor, corners: Tensor | None = None, *images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        names = () if self.base.vision is None else self.base.vision.names
        embedding = self.base.embed(ObservationBatch(state, dict(zip(names, images, strict=True)), corners))
        return embedding.e, embedding.mu, embedding.logvar


class ConditionGraph(nn.Module):
    """Decoder and FiLM: maps z (1, Z) to the latent's share of the flow's FiLM layers (1, C)."""

    def __init__(self, base: BasePolicy):
        super().__init__()
        self.base = base

    def forward(self, z: Tensor) -> Tensor:
        return self.base.velocity.condition(self.base.bottleneck.decode(z))


class StepGraph(nn.Module):
    """One step of the flow: maps x (1, H, A), the latent's and the time's share (1, C) to a velocity (1, H, A)."""

    def __init__(self, base: BasePolicy):
        super().__init__()
        self.base = base

    def forward(self, x: Tensor, condition: Tensor, time: Tensor) -> Tensor:
        return self.base.velocity.step(x, condition + time)


@torch.no_grad()
def time_rows(base: BasePolicy) -> Tensor:
    """Returns (euler_steps, C): the time's share of the flow's FiLM layers at each Euler step."""
    steps = base.config.euler_steps
    return base.velocity.at_time(torch.arange(steps, dtype=torch.float32) / steps)
