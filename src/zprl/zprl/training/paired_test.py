"""A sequential test of two policies that play the same resets: it may be looked at after every pair.

A pair of episodes gives the difference x = success of B - success of A: 1, 0 or -1. Against the hypothesis E[x] >= m a
gambler with a wealth of 1 bets a share on every pair,

    wealth_n = mean over shares of  prod_i (1 + share * (m - x_i)),

which under the hypothesis is a supermartingale: it ever reaches 1/alpha with a probability of at most alpha, however
often and whenever one looks (Ville 1939; Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
betting", 2024). Resets must be independent draws, and a pair's order random.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import numpy as np
import numpy.typing as npt

from zprl_core.config.metadata import Range, check_ranges

SHARES = (np.arange(20) + 0.5) / 20  # of the largest share that leaves something after every pair
MEANS = np.linspace(-1.0, 1.0, 401)  # differences that `intervals` looks at

Differences = npt.NDArray[np.integer]


class Verdict(StrEnum):
    """The answer that the pairs give."""

    B_BETTER = "B is better"
    A_BETTER = "A is better"
    CLOSE = "they differ by less than the margin"
    OPEN = "undecided"


@dataclass(frozen=True)
class PairedTest:
    """The rule by which a comparison stops.

    Two policies that succeed equally often are called different, either way, with a probability of at most `alpha`; two
    that differ by `margin` or more are called close with a probability of at most `beta`.
    """

    alpha: Annotated[float, "highest probability to call equal policies different", Range(1e-6, 0.5)] = 0.05
    beta: Annotated[float, "highest probability to call policies that differ by the margin close", Range(1e-6, 0.5)] = (
        0.1
    )
    margin: Annotated[float, "smallest difference of success rates that matters", Range(0.01, 0.99)] = 0.2
    max_pairs: Annotated[int, "pairs after which the comparison ends undecided", Range(1, 100_000)] = 200

    def __post_init__(self) -> None:
        check_ranges(self)

    def verdicts(self, x: Differences) -> list[Verdict]:
        """Return the verdict after each pair, for the differences (n,)."""
        b_better, a_better = wealth(-x, 0.0) >= 2 / self.alpha, wealth(x, 0.0) >= 2 / self.alpha
        close = np.minimum(wealth(x, self.margin), wealth(-x, self.margin)) >= 1 / self.beta
        found = []
        for b, a, c in zip(b_better, a_better, close, strict=True):
            found.append(Verdict.B_BETTER if b else Verdict.A_BETTER if a else Verdict.CLOSE if c else Verdict.OPEN)
        return found

    def verdict(self, x: Differences) -> Verdict:
        """Return the first verdict that stops the comparison; OPEN as long as none does."""
        return next((v for v in self.verdicts(x) if v != Verdict.OPEN), Verdict.OPEN)

    def ended(self, x: Differences) -> bool:
        """Return True when no more pairs are needed, or allowed."""
        return len(x) >= self.max_pairs or self.verdict(x) != Verdict.OPEN


def wealth(x: Differences, mean: float) -> npt.NDArray[np.float64]:
    """Return the wealth after each pair of who bets against E[x] >= mean, for differences (..., n).

    `mean` lies in [-1, 1).
    """
    share = SHARES / (1.0 - mean)
    growth = 1.0 + share * (mean - np.asarray(x, np.float64)[..., None])
    with np.errstate(over="ignore"):  # beyond 1e308 every hypothesis is refuted
        won: npt.NDArray[np.float64] = np.cumprod(growth, axis=-2).mean(axis=-1)
    return won


def intervals(x: Differences, alpha: float = 0.05) -> npt.NDArray[np.float64]:
    """Return the interval of E[x] after each pair (n, 2), for the differences (n,): what no gambler has refuted.

    With a probability of 1 - alpha all of them contain E[x]. They are wider than those for a number of episodes that
    was fixed before.
    """
    low, high = np.full(len(x), -1.0), np.full(len(x), 1.0)
    for mean in MEANS[1:-1]:
        refuted_below = np.maximum.accumulate(wealth(-x, -mean)) >= 2 / alpha  # E[x] <= mean
        refuted_above = np.maximum.accumulate(wealth(x, mean)) >= 2 / alpha  # E[x] >= mean
        low = np.where(refuted_below, np.maximum(low, mean), low)
        high = np.where(refuted_above, np.minimum(high, mean), high)
    return np.stack([low, high], axis=-1)
