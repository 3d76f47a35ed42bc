"""Simulates the stop rule of `zprl compare`: how often it errs, and the episodes that it saves.

    python benchmarks/stop_rule.py [--experiments 10000]

Each experiment compares two policies with known success rates until the rule stops. On a share of the resets both have
the same luck, as hard resets are hard for both. Beside it stands the usual plan: 200 episodes each, and a difference
if the Wilson intervals do not overlap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import tyro

from zprl.training.paired_test import PairedTest, Verdict, wealth
from zprl.training.statistics import SuccessRate

FIXED = 200  # episodes of each policy in the usual plan
AT_A_TIME = 500
RATES = ((0.5, 0.5), (0.9, 0.9), (0.5, 0.6), (0.5, 0.7), (0.5, 0.8), (0.5, 0.9), (0.8, 0.95), (0.95, 0.75))


@dataclass(frozen=True)
class Simulated:
    """Shares of the experiments with each verdict, and that the usual plan decides; the mean number of pairs."""

    verdicts: dict[Verdict, float]
    pairs: float
    fixed: float


def simulate(a: float, b: float, shared: float, experiments: int, test: PairedTest, seed: int = 0) -> Simulated:
    """Compare policies with success rates `a` and `b`, which have the same luck on a share `shared` of the resets."""
    found, used, apart = dict.fromkeys(Verdict, 0), 0, 0
    for won in outcomes(a, b, shared, experiments, max(test.max_pairs, FIXED), seed):
        x = (won[1].astype(np.int8) - won[0])[:, : test.max_pairs]
        b_better, a_better = wealth(-x, 0.0) >= 2 / test.alpha, wealth(x, 0.0) >= 2 / test.alpha
        close = np.minimum(wealth(x, test.margin), wealth(-x, test.margin)) >= 1 / test.beta
        ended = b_better | a_better | close
        last = (np.arange(len(x)), np.where(ended.any(1), ended.argmax(1), test.max_pairs - 1))
        used += int(last[1].sum()) + len(x)
        found[Verdict.B_BETTER] += int(b_better[last].sum())
        found[Verdict.A_BETTER] += int((a_better & ~b_better)[last].sum())
        found[Verdict.CLOSE] += int((close & ~a_better & ~b_better)[last].sum())
        found[Verdict.OPEN] += int((~ended[last]).sum())
        apart += sum(_apart(*counts) for counts in won[:, :, :FIXED].sum(2).T.tolist())
    return Simulated(
        {verdict: n / experiments for verdict, n in found.items()}, used / experiments, apart / experiments
    )


def outcomes(
    a: float, b: float, shared: float, experiments: int, pairs: int, seed: int
) -> Iterator[npt.NDArray[np.bool_]]:
    """Yield the successes of A and B, (2, experiments, pairs), for some experiments at a time."""
    rng = np.random.default_rng(seed)
    for first in range(0, experiments, AT_A_TIME):
        luck = rng.random((2, min(AT_A_TIME, experiments - first), pairs))
        luck[1] = np.where(rng.random(luck[1].shape) < shared, luck[0], luck[1])
        yield luck < np.array([a, b])[:, None, None]


def _apart(a: int, b: int) -> bool:
    """True if the Wilson intervals of FIXED episodes each do not overlap."""
    one, two = SuccessRate(a, FIXED).interval(), SuccessRate(b, FIXED).interval()
    return one[1] < two[0] or two[1] < one[0]


def main(experiments: int = 10_000) -> None:
    """Print a table of the rule's verdicts, and of the usual plan's."""
    test = PairedTest()
    print(f"{experiments} experiments each; alpha {test.alpha}, beta {test.beta}, margin {test.margin}")
    heads = ("A", "B", "same luck", *Verdict, "pairs", "episodes saved", "usual plan: apart")
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for (a, b), shared in product(RATES, (0.0, 0.5)):
        found = simulate(a, b, shared, experiments, test)
        shares = (f"{100 * found.verdicts[verdict]:.1f} %" for verdict in Verdict)
        rest = (f"{found.pairs:.0f}", f"{100 * (1 - found.pairs / FIXED):.0f} %", f"{100 * found.fixed:.1f} %")
        print(
            "|",
            " | ".join((f"{100 * a:g} %", f"{100 * b:g} %", f"{100 * shared:g} %", *shares, *rest)),
            "|",
            flush=True,
        )


if __name__ == "__main__":
    tyro.cli(main)
