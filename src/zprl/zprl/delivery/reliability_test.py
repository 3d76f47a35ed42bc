"""A sequential test that a policy succeeds more often than a given rate: it may be looked at after every episode.

Before each episode a gambler with a wealth of 1 bets that it succeeds, at odds that are fair for the success rate q:

    wealth_n = prod_i  (p_i / q  if episode i succeeds, else  (1 - p_i) / (1 - q)),     p_i = max(q, estimate)

The estimate is that of the episodes before; where it is below q, nothing is bet. As long as no episode had a
probability above q to succeed, however the policy changed between them, the wealth is a supermartingale: it ever
reaches 1/alpha with a probability of at most alpha (Ville 1939).
"""

import math
from collections import deque

ALPHA = 0.05
UNTIL = 0.95  # success rate that is tested by default
HIGHEST_RATE = 0.98  # that a window of only successes can show
WINDOW = 100  # newest episodes from which the next one is estimated, as the policy changes


class ReliabilityTest:
    """Tests the successes of one policy while it learns."""

    def __init__(self, rate: float, alpha: float = ALPHA):
        """`rate`: q in (0, 0.98]. `alpha`: highest probability to pass while no episode's probability was above it."""
        if not 0 < rate <= HIGHEST_RATE or not 0 < alpha < 1:
            raise ValueError(
                f"a success rate of at most {HIGHEST_RATE} can be tested, with an error probability between 0 and 1; "
                f"got {rate} and {alpha}"
            )
        self.rate, self.alpha = rate, alpha
        self.passed = False  # stays true
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._log_wealth = 0.0

    def add(self, success: bool) -> None:
        """Counts an episode."""
        p, q = max(self.rate, self._estimate()), self.rate
        self._log_wealth += math.log(p / q) if success else math.log((1 - p) / (1 - q))
        self._recent.append(success)
        self.passed = self.passed or self._log_wealth >= self._needed

    @property
    def missing(self) -> int:
        """Number of successes in a row that are still needed; 0 once passed."""
        if self.passed:
            return 0
        recent, log_wealth, count = deque(self._recent, maxlen=WINDOW), self._log_wealth, 0
        while log_wealth < self._needed:
            log_wealth += math.log(max(self.rate, _estimate(recent)) / self.rate)
            recent.append(True)
            count += 1
        return count

    @property
    def _needed(self) -> float:
        return math.log(1 / self.alpha)

    def _estimate(self) -> float:
        return _estimate(self._recent)


def _estimate(episodes: deque[bool]) -> float:
    """Returns Laplace's estimate of the success rate, which is never 0 or 1."""
    return (sum(episodes) + 1) / (len(episodes) + 2)
