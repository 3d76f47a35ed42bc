"""How many inputs each fuzz target gets."""

from fuzz_target import FuzzTarget
from ros_fuzz_targets import TYPED

FULL = 100_000  # inputs of which the doors of files get their `least`

TYPED_WEIGHT = 0.05


def shares(targets: tuple[FuzzTarget, ...], inputs: int) -> dict[str, int]:
    """How many inputs each door gets: those of files their least, the others by weight."""
    fixed = {target.name: max(1, target.least * inputs // FULL) for target in targets if target.least}
    rest = inputs - sum(fixed.values())
    weights = {target.name: target.weight for target in targets if not target.least} | {TYPED: TYPED_WEIGHT}
    total = sum(weights.values())
    shared = fixed | {name: max(1, round(rest * weight / total)) for name, weight in weights.items()}
    shared[max(weights, key=weights.__getitem__)] += inputs - sum(shared.values())  # what rounding left
    return shared
