"""Robots and learner on hosts of their own, and a PC that listens, with cut cables, loss, delay, a restart and a move.

The hosts are network namespaces on this machine, so it needs root. Run nothing else beside it.

    python benchmarks/hosts.py --base runs/late/base --minutes 30
    python benchmarks/hosts.py --base runs/late/base --minutes 30 --robots 4 --all-cables

Prints a table: commands and their longest gap in each phase, and when new weights came into use, for each robot. Then
bytes that each host has sent, and what is lost and duplicated. The base should have been made with `--latency real`.
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
    robots: int = 1
    """Robots, each on a host of its own"""
    all_cables: bool = False
    """Pull and cut the cables of all robots, instead of the first one's"""
    latency: str = "real"
    """Latency of the simulated robots"""
    result: Path = Path("hosts.json")
    """File that receives the table"""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names of the robots' hosts."""
        return ("robot",) if self.robots == 1 else tuple(f"robot{i}" for i in range(1, self.robots + 1))

    @property
    def cables(self) -> tuple[str, ...]:
        """Names of the hosts whose cables are pulled."""
        return self.hosts if self.all_cables else self.hosts[:1]


Change = Callable[[SplitRun, Sequence[str]], object]  # of a run, at the hosts with these names


def _nothing(run: SplitRun, names: Sequence[str]) -> None:
    pass


@dataclass(frozen=True)
class Phase:
    """A time with one fault, or none."""

    name: str
    minutes: float  # of 30
    begin: Change
    end: Change = _nothing


def _set(loss: float, delay_s: float) -> Change:
    def change(run: SplitRun, names: Sequence[str]) -> None:
        run.hosts.switch.loss, run.hosts.switch.delay_s = loss, delay_s

    return change


def _each(change: Callable[[Hosts, str], object]) -> Change:
    def change_all(run: SplitRun, names: Sequence[str]) -> None:
        for name in names:
            change(run.hosts, name)

    return change_all


def _restart(run: SplitRun, names: Sequence[str]) -> None:
    run.stop("learner")
    run.up("learner", "learner")


def _move(run: SplitRun, names: Sequence[str]) -> None:
    run.stop("learner")
    run.hosts.move("learner", ELSEWHERE)
    run.up("learner", "learner")


CALM = _set(0.0, 0.0)
PHASES = (
    Phase("calm", 4.0, CALM),
    Phase("cable pulled", 1 / 12, _each(Hosts.pull), _each(Hosts.plug)),
    Phase("after it", 2.0, CALM),
    Phase("cable pulled for longer", 1.0, _each(Hosts.pull), _each(Hosts.plug)),
    Phase("after it", 3.0, CALM),
    Phase("5 % of the frames lost", 3.0, _set(0.05, 0.0), CALM),
    Phase("100 ms of delay", 3.0, _set(0.0, 0.1), CALM),
    Phase("cut at the switch", 5.0, _each(Hosts.cut), _each(Hosts.mend)),
    Phase("after it", 3.0, CALM),
    Phase("learner restarted", 3.0, _restart),
    Phase("learner at another address", 3.0 - 1 / 12, _move),
)


@dataclass(frozen=True)
class Row:
    """The result of one phase for one robot."""

    name: str
    host: str
    seconds: float
    commands: int
    longest_gap_ms: float  # between two commands of one episode
    weights: int  # in use at its end
    new_weights_s: float | None  # from its begin to the first command of newer weights


def row(name: str, host: str, begin_s: float, end_s: float, heard: Sequence[Heard]) -> Row:
    """Make the row of a phase; `heard`: the commands that the robot's host has heard."""
    before = max((h.weights for h in heard if h.time_s < begin_s), default=0)
    during = [h for h in heard if begin_s <= h.time_s < end_s]
    gaps = [b.time_s - a.time_s for a, b in pairwise(during) if a.events == b.events]
    newer = [h.time_s - begin_s for h in during if h.weights > before]
    return Row(
        name,
        host,
        round(end_s - begin_s, 1),
        len(during),
        round(1e3 * max(gaps, default=float("nan")), 1),
        max((h.weights for h in during), default=before),
        round(newer[0], 1) if newer else None,
    )


def start(run: SplitRun, options: Options) -> None:
    """Start all programs, and wait until every robot moves."""
    run.up("learner", "learner")
    for i, host in enumerate(options.hosts, 1):
        several = ("--first-robot", str(i)) if options.robots > 1 else ()
        run.up(host, "robot", "--latency", options.latency, *several)
        run.hear(host, f"robot_{i}" if several else "")
    run.hear("pc", "robot_1" if options.robots > 1 else "")
    while not all(run.heard(host) for host in options.hosts):
        time.sleep(0.5)


def play(run: SplitRun, options: Options) -> list[dict[str, object]]:
    """Go through all phases. Returns the rows of the table, with the bytes that each host has sent."""
    hosts, table = run.hosts, list[dict[str, object]]()
    for phase in (bar := tqdm(PHASES)):
        bar.set_description(phase.name)
        before, begin_s = hosts.switch.sent.copy(), time.monotonic()
        phase.begin(run, options.cables)
        time.sleep(phase.minutes * 60 * options.minutes / 30)
        phase.end(run, options.cables)
        end_s = time.monotonic()
        sent = {host: hosts.switch.sent[hosts.port(host)] - before[hosts.port(host)] for host in hosts.names}
        for host in options.hosts:
            one = row(phase.name, host, begin_s, end_s, run.heard(host))
            tqdm.write(f"{one}  {sent}")
            table.append(asdict(one) | {"sent": sent})
    return table


def main(options: Options) -> None:
    """Run all phases, then count."""
    base = load_base(options.base)
    size = problem_size(base, make_steering(base, CPU.steering))
    with (
        tempfile.TemporaryDirectory(prefix="zprl-hosts-") as name,
        Hosts(*options.hosts, "learner", "pc") as hosts,
        SplitRun(hosts, options.base.absolute(), Path(name), domain=42) as run,
    ):
        start(run, options)
        table = play(run, options)
        ended = (*options.hosts, "learner")
        codes = [run.stop(host) for host in ended]
        journals = [run.run_folder(host).robots for host in options.hosts]
        found = audit(run.run_folder("learner"), size, robots=journals)
        said = [run.said(host).splitlines()[-1] for host in ended]
    print(found, codes, *said, sep="\n")
    options.result.write_text(json.dumps({"phases": table, "audit": asdict(found)}, indent=1))


if __name__ == "__main__":
    main(tyro.cli(Options))
