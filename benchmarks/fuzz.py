"""Malformed inputs at every door of zprl: each must end in the door's own error, or be counted and dropped.

python benchmarks/fuzz.py --inputs 100000

A line of the list of crashes begins with seed, door and batch: `--door NAME --batch N --inputs 250` sends it again.
"""

import logging
import warnings
from dataclasses import dataclass

import torch
import tyro
from tqdm import tqdm

import support  # noqa: F401  before what it finds
from arm_fuzz_targets import ARM_DOORS
from file_fuzz_targets import FILE_DOORS
from fuzz_shares import FULL, shares
from fuzz_target import Result, knock, limited_memory
from message_fuzz_targets import MESSAGE_DOORS
from ros_fuzz_targets import ROS_DOORS, TYPED, knock_typed


@dataclass(frozen=True)
class Options:
    """Try to break zprl with what comes from outside."""

    inputs: int = FULL
    """How many, over all doors"""
    seed: int = 0
    """Seed of everything that is random"""
    door: str = ""
    """Only this door; all inputs go there"""
    batch: int = 0
    """With --door: the first batch to send"""


def results(inputs: int, seed: int) -> dict[str, Result]:
    """Every door, one after the other."""
    doors = (*MESSAGE_DOORS, *ROS_DOORS, *FILE_DOORS, *ARM_DOORS)
    share = shares(doors, inputs)
    found = {TYPED: knock_typed(share[TYPED], seed)}
    for door in tqdm(doors, unit="door", leave=False):
        found[door.name] = knock(door, share[door.name], seed)
    return found


def table(found: dict[str, Result]) -> str:
    """Markdown."""
    lines = [
        "| door | inputs | refused or counted | accepted, harmless | crashes | memory [MB] | time [s] |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, r in found.items():
        lines.append(
            f"| {name} | {r.inputs} | {r.refused} | {r.accepted} | {len(r.crashes)} | {r.grown / 1e6:.0f} "
            f"| {r.seconds:.0f} |"
        )
    lines.append(
        f"| all | {sum(r.inputs for r in found.values())} | {sum(r.refused for r in found.values())} "
        f"| {sum(r.accepted for r in found.values())} | {sum(len(r.crashes) for r in found.values())} "
        f"| {max(r.grown for r in found.values()) / 1e6:.0f} | {sum(r.seconds for r in found.values()):.0f} |"
    )
    return "\n".join(lines)


def main() -> None:
    options = tyro.cli(Options)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    with limited_memory():
        if options.door:
            doors = {door.name: door for door in (*MESSAGE_DOORS, *ROS_DOORS, *FILE_DOORS, *ARM_DOORS)}
            found = {options.door: knock(doors[options.door], options.inputs, options.seed, options.batch)}
        else:
            found = results(options.inputs, options.seed)
    print(table(found))
    crashes = [crash for r in found.values() for crash in r.crashes]
    print()
    print("\n".join(crashes) if crashes else "0 crashes")


if __name__ == "__main__":
    main()
