"""The multilayer perceptron shared by all small networks."""

import itertools

from torch import nn


def mlp(inputs: int, outputs: int, hidden: int = 256, layers: int = 3) -> nn.Sequential:
    """Returns an MLP of `layers` hidden layers with `hidden` GELU units and a linear output layer."""
    sizes = [inputs] + [hidden] * layers
    blocks: list[nn.Module] = []
    for a, b in itertools.pairwise(sizes):
        blocks += [nn.Linear(a, b), nn.GELU()]
    return nn.Sequential(*blocks, nn.Linear(sizes[-1], outputs))
