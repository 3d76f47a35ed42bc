"""Sends malformed inputs to every entry point of zprl.

Each input must raise the entry point's own error, or be counted and dropped.

python benchmarks/fuzz.py --inputs 100000

Each line of the list of crashes starts with seed, target and batch; `--target NAME --batch N --inputs 250` repeats it.
"""

import logging
import warnings
from dataclasses import dataclass

import torch
import tyro
from tqdm import tqdm

import support  # noqa: F401  before what it finds
from arm_fuzz_targets import ARM_TARGETS
from bag_fuzz_targets import BAG_TARGETS
from command_fuzz_targets import COMMAND_TARGETS
from file_fuzz_targets import FILE_TARGETS
from fuzz_shares import FULL, shares
from fuzz_target import Result, fuzz, limited_memory
from message_fuzz_targets import MESSAGE_TARGETS
from record_fuzz_targets import RECORD_TARGETS
from ros_fuzz_targets import ROS_TARGETS, TYPED, fuzz_typed

TARGETS = (*MESSAGE_TARGETS, *COMMAND_TARGETS, *ROS_TARGETS, *FILE_TARGETS, *RECORD_TARGETS, *BAG_TARGETS, *ARM_TARGETS)


@dataclass(frozen=True)
class Options:
    """Try to crash zprl with malformed inputs."""

    inputs: int = FULL
    """Number of inputs, over all entry points"""
    seed: int = 0
    """Seed of all random choices"""
    target: str = ""
    """Send all inputs to this entry point"""
    batch: int = 0
    """With --target: number of the first batch"""


def results(inputs: int, seed: int) -> dict[str, Result]:
    """Send inputs to the entry points, one after the other."""
    share = shares(TARGETS, inputs)
    found = {TYPED: fuzz_typed(share[TYPED], seed)}
    for target in tqdm(TARGETS, unit="target", leave=False):
        found[target.name] = fuzz(target, share[target.name], seed)
    return found


def table(found: dict[str, Result]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| target | inputs | refused or counted | accepted, harmless | crashes | memory [MB] | time [s] |",
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
        if options.target:
            targets = {target.name: target for target in TARGETS}
            if options.target not in targets:
                raise SystemExit(f"unknown target {options.target!r}; known targets are {', '.join(targets)}")
            found = {options.target: fuzz(targets[options.target], options.inputs, options.seed, options.batch)}
        else:
            found = results(options.inputs, options.seed)
    print(table(found))
    crashes = [crash for r in found.values() for crash in r.crashes]
    print()
    print("\n".join(crashes) if crashes else "0 crashes")


if __name__ == "__main__":
    main()
