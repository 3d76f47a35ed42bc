"""Adam (Kingma and Ba, 2015) with clipping of the gradient's norm, in operations that compile into one kernel."""

from collections.abc import Sequence

import torch
from torch import Tensor

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """The moments of some parameters."""

    def __init__(self, parameters: Sequence[Tensor], lr: float):
        self.parameters, self.lr = list(parameters), lr
        self.steps = 0
        self.exp_avg = [torch.zeros_like(x) for x in self.parameters]
        self.exp_avg_sq = [torch.zeros_like(x) for x in self.parameters]

    def corrections(self) -> Tensor:
        """Counts a step. Returns its step size lr / (1 - b_1^t) and sqrt(1 - b_2^t), (2,), for `step`."""
        self.steps += 1
        return torch.tensor([self.lr / (1 - BETA_1**self.steps), (1 - BETA_2**self.steps) ** 0.5])

    @torch.no_grad()
    def step(self, gradients: list[Tensor] | tuple[Tensor, ...], corrections: Tensor, clip: float) -> None:
        """Changes the parameters by gradients whose common norm is reduced to `clip`, if it is larger."""
        norm = torch.stack(torch._foreach_norm(gradients)).norm()
        gradients = torch._foreach_mul(gradients, (clip / (norm + 1e-6)).clamp(max=1.0))
        torch._foreach_lerp_(self.exp_avg, gradients, 1 - BETA_1)
        torch._foreach_mul_(self.exp_avg_sq, BETA_2)
        torch._foreach_addcmul_(self.exp_avg_sq, gradients, gradients, 1 - BETA_2)
        step_size, root = corrections.unbind()
        denominators = torch._foreach_sqrt(self.exp_avg_sq)
        torch._foreach_div_(denominators, root)
        torch._foreach_add_(denominators, EPSILON)
        torch._foreach_addcdiv_(self.parameters, torch._foreach_mul(self.exp_avg, step_size), denominators, -1.0)
