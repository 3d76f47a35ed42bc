"""Measures the processor time of the learner's updates: this code, compiled and not, and that of an earlier commit.

    python benchmarks/learner.py --before ../zprl-before --presets cpu fast --embeddings 14 64 512

The programs make updates in turn, so that other programs on the machine slow all of them. `--before` is a checkout of
another commit. Ratios are to its updates, or without it to those that are not compiled.
"""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
import torch
import tyro

from zprl.rl.config import ProblemSize
from zprl.rl.learner import Learner
from zprl.rl.presets import CPU, FAST, PAPER_V1

HERE = Path(__file__).resolve().parents[1]
PRESETS = {"cpu": CPU, "fast": FAST, "paper_v1": PAPER_V1}
LATENT, STORED = 8, 3000
BEFORE, EAGER, COMPILED = "before", "not compiled", "compiled"


@dataclass(frozen=True)
class Options:
    """The updates that are timed."""

    before: Path | None = None
    """checkout of the commit to compare with"""
    presets: tuple[str, ...] = ("cpu", "fast")
    """presets of the learner"""
    embeddings: tuple[int, ...] = (14, 64, 512)
    """sizes E of the embedding"""
    rounds: int = 9
    """turns of each program; the median counts"""
    seconds: float = 1.0
    """wall time of a turn"""


def main(options: Options) -> None:
    """Print a table."""
    names = [*([BEFORE] if options.before else []), EAGER, COMPILED]
    print("| preset | E | code | ms an update | ratio |\n|---|---|---|---|---|")
    for preset in options.presets:
        for size in options.embeddings:
            folders = [options.before if name == BEFORE else HERE for name in names]
            programs = [
                started(f or HERE, name, preset, size, options.seconds) for f, name in zip(folders, names, strict=True)
            ]
            turns = [[turn(program) for program in programs] for _ in range(options.rounds)]
            for program in programs:
                program.communicate()
            for k, name in enumerate(names):
                ms = 1e3 * statistics.median(row[k] for row in turns)
                ratio = statistics.median(row[0] / row[k] for row in turns)
                print(f"| {preset} | {size} | {name} | {ms:.2f} | {ratio:.2f} |", flush=True)


def started(folder: Path, name: str, preset: str, size: int, seconds: float) -> "subprocess.Popen[str]":
    """Start a program that makes updates with the code in `folder`."""
    paths = [*map(str, (folder / "src").iterdir()), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "work", name, preset, str(size), str(seconds)]
    program = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    turn(program)  # not counted
    return program


def turn(program: "subprocess.Popen[str]") -> float:
    """Let a program make updates. Returns its processor time for each [s]."""
    assert program.stdin is not None and program.stdout is not None
    program.stdin.write("\n")
    return float(program.stdout.readline())


def work(name: str, preset: str, size: int, seconds: float, asked: IO[str]) -> None:
    """Make updates whenever asked to, and print the processor time for each."""
    torch.set_num_threads(1)
    config = PRESETS[preset].learner
    learner = Learner(ProblemSize(size, LATENT, LATENT, 0.3), replace(config, sac=replace(config.sac, actor_after=0)))
    learner.extend(experience(learner))
    if name == COMPILED and (reason := learner.compile()):
        sys.exit(reason)
    for _ in asked:
        count, began_s, cpu_s = 0, time.monotonic(), time.process_time()
        while time.monotonic() - began_s < seconds:
            learner.update()
            count += 1
        print((time.process_time() - cpu_s) / count, flush=True)


def experience(learner: Learner) -> dict[str, np.ndarray]:
    """Random transitions, of which a few end in success."""
    rng = np.random.default_rng(0)
    rows = {
        name: rng.standard_normal((STORED, width) if width else STORED).astype(np.float32)
        for name, width in learner.replay.sizes.items()
    }
    ends = (rng.random(STORED) < 0.05).astype(np.float32)
    no = np.zeros(STORED, np.float32)
    steps = np.full(STORED, 4.0, np.float32)
    rows |= {"u": np.tanh(rows["u"]), "reward": ends, "terminated": ends, "truncated": no, "steps": steps}
    return rows | {"journal": no.astype(np.int64), "intervention": no.astype(bool)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        name, preset, size, seconds = sys.argv[2:]
        work(name, preset, int(size), float(seconds), sys.stdin)
    else:
        main(tyro.cli(Options))
