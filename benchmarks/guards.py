"""Random and adversarial commands through the guard chain: is an output outside the limits, and what is the cost?

python benchmarks/guards.py --commands 1000000
"""

import time
from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import trange

from adversary import Adversary, Excess
from zprl.safety.guard import Guard
from zprl.safety.limits import Limits
from zprl.safety.target import Target

PERIOD_S = 0.05
RESTART = 20_000  # commands after which the arm is armed anew, somewhere else


@dataclass(frozen=True)
class Options:
    """Try to get something past the guards."""

    commands: int = 1_000_000
    """How many"""
    seed: int = 0
    """Seed of everything that is random"""


def main() -> None:
    options = tyro.cli(Options)
    limits, adversary = Limits(), Adversary(Limits(), options.seed)
    cost, excess, failures, counts = np.zeros(options.commands), Excess(limits, PERIOD_S), 0, {}
    for k in trange(options.commands, unit="command", leave=False):
        if k % RESTART == 0:
            measured = adversary.somewhere()
            guard = Guard(limits, PERIOD_S, Target(measured, 0.04))
            excess.begin(measured)
        asked, lead = adversary.command(measured), adversary.lead()
        begin = time.perf_counter()
        told = guard.follow(asked, measured, lead)
        cost[k] = time.perf_counter() - begin
        excess.see(told.target)
        measured = adversary.follows(measured, told.target)
        if k % RESTART == RESTART - 1 or k == options.commands - 1:
            failures += guard.failures
            for name, count in guard.counts.items():
                counts[name] = counts.get(name, 0) + count
    p50, p99 = 1e6 * np.percentile(cost, (50, 99))
    print("| commands through the guard chain | |\n|---|---|")
    print(f"| commands | {options.commands} |")
    for name, count in sorted(counts.items()):
        print(f"| stopped or clipped by {name} | {count} |")
    print(f"| steps that braked because no way was found | {failures} |")
    print(f"| cost p50, p99 [us] | {p50:.1f}, {p99:.1f} |")
    for name, worst in excess.worst.items():
        print(f"| largest {name}, as a part of its limit | {worst:.6f} |")
    print(f"\n{excess.count} outputs outside the limits")


if __name__ == "__main__":
    main()
