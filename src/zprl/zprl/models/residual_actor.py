"""The interface of a trained actor at run time, whichever library computes it."""

from typing import Protocol

from torch import Tensor


class ResidualActor(Protocol):
    """Maps e (1, E) and the steered point z (1, U) to the residual u. `Actor` is one."""

    def mode(self, e: Tensor, z: Tensor) -> Tensor: ...

    def sample(self, e: Tensor, z: Tensor, n: Tensor) -> tuple[Tensor, Tensor]: ...
