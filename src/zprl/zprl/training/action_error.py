"""The error of a base's actions on demonstrations that it was not trained on, where no simulator tells its success."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from zprl.models.base_policy import BasePolicy
from zprl.training.demos import Demos
from zprl.training.windows import batches, chunk_index, windows
from zprl_core.action_spec import ActionSpec

PHASES = ("first third", "second third", "last third")  # of an episode
CHUNKS = 4  # that are drawn for each observation


@dataclass(frozen=True)
class PhaseError:
    """The error in one phase of the episodes. Motions are in units of the action: 1 is the fastest one."""

    phase: str
    steps: int  # observations
    motion: float  # RMS of the difference between the base's actions and the demonstrated ones
    demonstrated: float  # RMS of the demonstrated motion, which a base that never moves has as its error
    gripper: float  # share of the actions that close where the demonstration opens, or the reverse; nan without gripper


def action_errors(base: BasePolicy, demos: Demos, seed: int = 0) -> tuple[PhaseError, ...]:
    """Compares the actions that the base would execute, z = mu, with those that follow in the demonstrations."""
    steps = base.config.n_action_steps
    index = chunk_index(demos.episode_ends, steps)
    past = index != np.arange(len(index))[:, None] + np.arange(steps)
    wanted = demos.actions[index]
    errors = np.stack([_predicted(base, demos, seed + k) - wanted for k in range(CHUNKS)])
    crossed = np.stack([(errors[k] + wanted) * wanted < 0.0 for k in range(CHUNKS)])
    motion, grips = _parts(demos.action)
    errors[:, past], crossed[:, past] = np.nan, False
    moved = np.where(past[..., None], np.nan, wanted)[..., motion]
    phase = _phases(demos.episode_ends)
    return tuple(
        PhaseError(
            name,
            int((phase == k).sum()),
            _rms(errors[:, phase == k][..., motion]),
            _rms(moved[phase == k]),
            float(crossed[:, phase == k][:, ~past[phase == k]][..., grips].mean()) if grips.any() else float("nan"),
        )
        for k, name in enumerate(PHASES)
        if (phase == k).any()
    )


@torch.no_grad()
def _predicted(base: BasePolicy, demos: Demos, seed: int) -> npt.NDArray[np.float32]:
    """Returns (N, T_a, A): the actions that the base would execute at each observation."""
    rng, steps = torch.Generator().manual_seed(seed), base.config.n_action_steps

    def chunks() -> Iterator[torch.Tensor]:
        for batch in batches(windows(demos, base.config.horizon)):
            mu = base.embed(batch).mu
            yield base.chunk(mu, base.noise(len(mu), rng))[:, :steps]

    return np.asarray(torch.cat(list(chunks())).numpy())


def _parts(action: ActionSpec) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Returns which components move an arm, (A,), and which a gripper."""
    grips = [k == arm.size - 1 and arm.gripper is not None for arm in action.arms for k in range(arm.size)]
    gripper = np.array(grips if grips else [False] * action.size)
    return ~gripper, gripper


def _phases(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Returns (N,): the phase of each step."""
    lengths = np.diff(ends, prepend=0)
    return np.concatenate([np.arange(n) * len(PHASES) // n for n in lengths])


def _rms(values: npt.NDArray[np.floating]) -> float:
    return float(np.sqrt(np.nanmean(np.square(values))))
