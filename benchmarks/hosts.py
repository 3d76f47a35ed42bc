"""Robot and learner on two hosts, and a PC that listens, with cut cables, loss, delay, a restart and a move.

The hosts are network namespaces on this machine, so it needs root. Run nothing else beside it.

    python benchmarks/hosts.py --base runs/late/base --minutes 30

Prints a table: commands and their longest gap in each phase, and when new weights came into use. Then bytes that each
host has sent, and what is lost and duplicated. The base should have been made with `--latency real`.
"""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import tyro
from tqdm import tqdm

import support  # noqa: F401  before what it finds
from fault_injector import audit
from namespaces import Hosts
from split_run import Heard, SplitRun
from zprl.checkpoints.checkpoint import load_base
from zprl.rl.presets import CPU
from zprl.rl.steering import make_steering
from zprl.training.finetune import problem_size

ELSEWHERE = "10.77.0.99"


@dataclass(frozen=True)
class Options:
    """Finetune over a network with faults."""

    base: Path
    """Checkpoint folder of a base, made with latency real"""
    minutes: float = 30.0
    """Duration; the phases keep their proportions"""
    result: Path = Path("hosts.json")
    """File that receives the table"""


@dataclass(frozen=True)
class Phase:
    """A time with one fault, or none."""

    name: str
    minutes: float  # of 30
    begin: Callable[[Hosts, SplitRun], object]
    end: Callable[[Hosts, SplitRun], object] = lambda hosts, run: None


def _set(loss: float, delay_s: float) -> Callable[[Hosts, SplitRun], object]:
    def change(hosts: Hosts, run: SplitRun) -> None:
        hosts.switch.loss, hosts.switch.delay_s = loss, delay_s

    return change


def _restart(hosts: Hosts, run: SplitRun) -> None:
    run.stop("learner")
    run.up("learner", "learner")


def _move(hosts: Hosts, run: SplitRun) -> None:
    run.stop("learner")
    hosts.move("learner", ELSEWHERE)
    run.up("learner", "learner")


CALM = _set(0.0, 0.0)
PHASES = (
    Phase("calm", 4.0, CALM),
    Phase("cable of the robot pulled", 1 / 12, lambda hosts, run: hosts.pull("robot"), lambda h, run: h.plug("robot")),
    Phase("after it", 2.0, CALM),
    Phase("cable pulled for longer", 1.0, lambda hosts, run: hosts.pull("robot"), lambda h, run: h.plug("robot")),
    Phase("after it", 3.0, CALM),
    Phase("5 % of the frames lost", 3.0, _set(0.05, 0.0), CALM),
    Phase("100 ms of delay", 3.0, _set(0.0, 0.1), CALM),
    Phase("cut at the switch", 5.0, lambda hosts, run: hosts.cut("robot"), lambda hosts, run: hosts.mend("robot")),
    Phase("after it", 3.0, CALM),
    Phase("learner restarted", 3.0, _restart),
    Phase("learner at another address", 3.0 - 1 / 12, _move),
)


@dataclass(frozen=True)
class Row:
    """The result of one phase."""

    name: str
    seconds: float
    commands: int
    longest_gap_ms: float  # between two commands of one episode
    weights: int  # in use at its end
    new_weights_s: float | None  # from its begin to the first command of newer weights


def row(name: str, begin_s: float, end_s: float, heard: Sequence[Heard]) -> Row:
    """Make the row of a phase."""
    before = max((h.weights for h in heard if h.time_s < begin_s), default=0)
    during = [h for h in heard if begin_s <= h.time_s < end_s]
    gaps = [b.time_s - a.time_s for a, b in pairwise(during) if a.events == b.events]
    newer = [h.time_s - begin_s for h in during if h.weights > before]
    return Row(
        name,
        round(end_s - begin_s, 1),
        len(during),
        round(1e3 * max(gaps, default=float("nan")), 1),
        max((h.weights for h in during), default=before),
        round(newer[0], 1) if newer else None,
    )


def main(options: Options) -> None:
    """Run all phases, then count."""
    base = load_base(options.base)
    size = problem_size(base, make_steering(base, CPU.steering))
    rows, bytes_sent = [], []
    with (
        tempfile.TemporaryDirectory(prefix="zprl-hosts-") as name,
        Hosts("robot", "learner", "pc") as hosts,
        SplitRun(hosts, options.base.absolute(), Path(name), domain=42) as run,
    ):
        run.up("learner", "learner")
        run.up("robot", "robot", "--latency", "real")
        run.hear("robot")
        run.hear("pc")
        while not run.heard("robot"):
            time.sleep(0.5)
        for phase in (bar := tqdm(PHASES)):
            bar.set_description(phase.name)
            sent, begin_s = hosts.switch.sent.copy(), time.monotonic()
            phase.begin(hosts, run)
            time.sleep(phase.minutes * 60 * options.minutes / 30)
            phase.end(hosts, run)
            end_s = time.monotonic()
            rows.append(row(phase.name, begin_s, end_s, run.heard("robot")))
            bytes_sent.append(
                {host: hosts.switch.sent[hosts.port(host)] - sent[hosts.port(host)] for host in hosts.names}
            )
            tqdm.write(f"{rows[-1]}  {bytes_sent[-1]}")
        codes = run.stop("robot"), run.stop("learner")
        found = audit(run.run_folder("learner"), size, robots=run.run_folder("robot").robots)
        said = run.said("robot").splitlines()[-1], run.said("learner").splitlines()[-1]
    print(found, codes, *said, sep="\n")
    table = [asdict(each) | {"sent": sent} for each, sent in zip(rows, bytes_sent, strict=True)]
    options.result.write_text(json.dumps({"phases": table, "audit": asdict(found)}, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Options))
