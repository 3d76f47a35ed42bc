"""The one multilayer perceptron that every small network here is made of."""

import itertools

from torch import nn


def mlp(inputs: int, outputs: int, hidden: int = 256, layers: int = 3) -> nn.Sequential:
    """`layers` hidden layers of `hidden` GELU units, then a linear layer to `outputs`."""
    sizes = [inputs] + [hidden] * layers
    blocks: list[nn.Module] = []
    for a, b in itertools.pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.GELU()]
    return nn.Sequential(*blocks, nn.Linear(sizes[-1], outputs))
