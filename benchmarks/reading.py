"""Reads a folder of bags with images, of any size, as pretraining does: judged, made into demonstrations, and drawn.

    zprl teleop --obs images --bags seen      # or any bags whose base sees
    python benchmarks/reading.py --bags seen --gigabytes 20

The bags are copied until they are so large. All files leave the page cache before they are read.
"""

import support  # noqa: F401, I001  first
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro

from zprl.training.windows import windows
from zprl_cli.bags.demos import Choice, checked, demos_from_bags
from zprl_cli.bags.slim_step import slim
from zprl_cli.progress_bar import ProgressBar
from zprl_core.bags.bag_list import bags_in

LABELS = ("success", "failure", "timeout")
BLOCK = 16 << 20
BATCH, BATCHES = 256, 200
SAMPLE_S = 0.2


@dataclass(frozen=True)
class Options:
    """Read."""

    bags: Path
    """Folder of bags with images"""
    gigabytes: float = 20.0
    """Size to which they are copied"""
    folder: Path = Path("reading")
    """Folder for the copies and the demonstrations, which is removed afterwards"""


class Memory:
    """Samples the memory of this process that is not a file's, and keeps the most [bytes]."""

    def __init__(self) -> None:
        self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            found = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
            assert found is not None
            self.most = max(self.most, int(found[1]) << 10)
            time.sleep(SAMPLE_S)


def copied(source: Path, target: Path, gigabytes: float) -> int:
    """Copies the bags again and again. Returns the size of the copies."""
    size, k, bags = 0, 0, list(bags_in(source))
    while size < gigabytes * 1e9:
        for bag in bags:
            shutil.copytree(bag.path, target / f"{bag.path.name}_{k}")
            size += bag.size
        k += 1
    return size


def forget(folder: Path) -> None:
    """Drops the files of a folder from the page cache."""
    for path in filter(Path.is_file, folder.rglob("*")):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def measured(what: str, size: Callable[[], int], memory: Memory) -> Iterator[None]:
    memory.most = 0
    wall, cpu = time.monotonic(), time.process_time()
    yield
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    rate = size() / wall / 1e6
    print(f"{what}: {wall:.0f} s, {rate:.0f} MB/s, {cpu / wall:.2f} of a core, {memory.most / 1e6:.0f} MB", flush=True)


def main(options: Options) -> None:
    torch.set_num_threads(1)
    options.folder.mkdir(parents=True)
    memory, bags = Memory(), options.folder / "bags"
    size = copied(options.bags, bags, options.gigabytes)
    choice, found = Choice(LABELS), list(bags_in(bags))
    print(f"{len(found)} bags, {size / 1e9:.1f} GB", flush=True)
    try:
        forget(bags)
        with measured("plain reading", lambda: size, memory):
            for bag in found:
                with next(bag.path.glob("*.mcap")).open("rb", buffering=0) as file:
                    while file.read(BLOCK):
                        pass
        forget(bags)
        with measured("judged", lambda: size, memory), ProgressBar() as bar, bar.phase("judge", len(found)) as phase:
            for done, _ in enumerate(checked(found, choice, slim), 1):
                phase.update(done)
        forget(bags)
        made = measured("made into demonstrations", lambda: size, memory)
        with made, ProgressBar() as bar, bar.phase("demos", len(found)) as phase:
            demos, left = demos_from_bags(
                bags, choice, options.folder / "demos", progress=lambda done, _: phase.update(done)
            )
        print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps, {len(left)} left out")
        images = sum(x.nbytes for x in demos.images.values())
        forget(options.folder / "demos")
        rng, data = np.random.default_rng(0), windows(demos, 16)
        drawn = BATCHES * BATCH * images // len(data)
        with measured(f"drawn from {images / 1e9:.1f} GB of images", lambda: drawn, memory):
            for _ in range(BATCHES):
                data.observations(torch.from_numpy(rng.integers(0, len(data), BATCH)))
        with measured("drawn again", lambda: drawn, memory):
            for _ in range(BATCHES):
                data.observations(torch.from_numpy(rng.integers(0, len(data), BATCH)))
    finally:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
