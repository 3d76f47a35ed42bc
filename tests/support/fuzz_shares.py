"""How many inputs each fuzz target gets."""

from fuzz_target import Door
from ros_fuzz_targets import TYPED

FULL = 100_000  # inputs of which the doors of files get their `least`

TYPED_WEIGHT = 0.05


def shares(doors: tuple[Door, ...], inputs: int) -> dict[str, int]:
    """How many inputs each door gets: those of files their least, the others by weight."""
    fixed = {door.name: max(1, door.least * inputs // FULL) for door in doors if door.least}
    rest = inputs - sum(fixed.values())
    weights = {door.name: door.weight for door in doors if not door.least} | {TYPED: TYPED_WEIGHT}
    total = sum(weights.values())
    shared = fixed | {name: max(1, round(rest * weight / total)) for name, weight in weights.items()}
    shared[max(weights, key=weights.__getitem__)] += inputs - sum(shared.values())  # what rounding left
    return shared
