"""Simulated transition streams of many robots into one learner: rate, acknowledgement, memory, and what is lost.

The learner is the real process of `zprl up --only learner`. A few programs hold the robots: each robot has the journal,
the relay and the topics of its policy node, in its namespace, and makes transitions at a robot's rate.

    python benchmarks/streams.py --robots 100 --seconds 300
    python benchmarks/streams.py --robots 100 --seconds 300 --kill-s 120 --down-s 30

Prints a table; its last line is `0 lost, 0 duplicated, 0 still in a journal` when all is well. Every stored transition
is compared with the one that the stream made. `--kill-s` kills the learner with SIGKILL in the middle, and it comes
back after `--down-s`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tyro

import support  # noqa: F401  before what it finds
from fault_injector import Audit, audit
from learner_samples import LearnerSamples
from robot_streams import transitions_of
from tiny import tiny_base
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery.journal import Journal
from zprl.delivery.transition_codec import Key, encode
from zprl.rl.config import ProblemSize
from zprl.rl.presets import CPU
from zprl.rl.steering import make_steering
from zprl.training.finetune import problem_size
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.network import Discovery, Network, Only
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Grace, Graph, GraphError
from zprl_bringup.graph.station import Station
from zprl_bringup.runner.ros_domain import own_domain
from zprl_bringup.runner.runner import Runner

PROGRAM = str(Path(__file__).resolve().parents[1] / "tests" / "support" / "robot_streams.py")
NAME = "streams"
LOOK_S = 0.5
Times = npt.NDArray[np.float64]  # (robots, 2, transitions): made, and known to be stored [s]


@dataclass(frozen=True)
class Options:
    """Play transition streams of many robots into one learner."""

    robots: int = 100
    """Robots, each with a stream of its own"""
    seconds: float = 60.0
    """Duration of the streams [s]"""
    control_rate: float = 20.0
    """Control steps per second of a robot [Hz]; it makes a transition in every n_action_steps of the base"""
    base: Path | None = None
    """Checkpoint folder of a base; by default a small one of task lift, with 8 action steps, is made"""
    programs: int = 2
    """Processes that hold the robots"""
    participants: int = 1
    """DDS participants in each of them"""
    kill_s: float = 0.0
    """Time after which the learner is killed with SIGKILL [s]; 0: it is not"""
    down_s: float = 1.0
    """Time after which it is started again [s]"""
    drain_s: float = 120.0
    """Longest wait at the end until everything is acknowledged [s]"""
    folder: Path | None = None
    """New folder for record and journals, which stays; by default a temporary one"""
    result: Path | None = None
    """File (.json) that receives the figures"""


@dataclass(frozen=True)
class Sent:
    """Every transition that the streams made, as an audit expects it to be heard."""

    digests: dict[Key, bytes]
    contradictions: int = 0


@dataclass(frozen=True)
class Figures:
    """The result of a run."""

    robots: int
    made: int
    made_per_s: float
    stored_per_s: float  # until the last one was acknowledged
    found_s: float  # longest time until a robot heard the learner
    lag_median_ms: float  # from made to acknowledged
    lag_p99_ms: float
    lag_max_ms: float
    backlog_mean: float  # transitions of all robots that are not acknowledged
    backlog_max: int
    silent_s: float  # longest time without an acknowledgement
    dropped: int  # transitions that the learner received twice, or too early
    updates_per_s: float
    learners: int  # processes, one after the other
    learner_cpu: float  # cores
    robots_cpu: float  # cores, of all programs
    rss_begin_mb: float  # of the learner
    rss_end_mb: float
    rss_per_1000_mb: float  # for 1000 transitions


def figures(times: Times, found_s: float, samples: LearnerSamples, robots_cpu_s: float) -> Figures:
    """Calculate the figures of a run."""
    made_s, stored_s = np.sort(times[:, 0].ravel()), np.sort(times[:, 1].ravel())
    stored_s = stored_s[np.isfinite(stored_s)]
    lag_ms = 1e3 * (times[:, 1] - times[:, 0])
    begin_s, end_s = made_s[0], stored_s[-1]
    grid = np.linspace(begin_s, end_s, 2000)
    backlog = np.searchsorted(made_s, grid) - np.searchsorted(stored_s, grid)
    during = samples.between(begin_s, end_s)
    return Figures(
        robots=len(times),
        made=made_s.size,
        made_per_s=made_s.size / (made_s[-1] - begin_s),
        stored_per_s=stored_s.size / (end_s - begin_s),
        found_s=found_s,
        lag_median_ms=float(np.nanmedian(lag_ms)),
        lag_p99_ms=float(np.nanpercentile(lag_ms, 99)),
        lag_max_ms=float(np.nanmax(lag_ms)),
        backlog_mean=float(backlog.mean()),
        backlog_max=int(backlog.max()),
        silent_s=float(np.diff(stored_s).max()),
        dropped=during.again,
        updates_per_s=during.updates_per_s,
        learners=len(during.lives),
        learner_cpu=during.cores,
        robots_cpu=robots_cpu_s / (made_s[-1] - begin_s),
        rss_begin_mb=during.rows[0].rss_mb,
        rss_end_mb=during.rows[-1].rss_mb,
        rss_per_1000_mb=during.rss_mb_per_1000,
    )


def learner_graph(options: Options, base: Path, folder: RunFolder) -> Graph:
    """Build the graph of a learner alone, on this machine."""
    station = Station(network=Network(Discovery.LOCALHOST))
    run = RunOptions(base=base, only=Only.LEARNER, lockstep=False)
    # nice 0, as on a machine of its own: control loops, which go first elsewhere, are not on it
    graph = finetune_graph(GraphSettings(NAME, folder.path, run, station=station, learner_nice=0))
    return Graph(tuple(replace(node, respawn_delay_s=options.down_s) for node in graph.nodes), graph.env)


def start(options: Options, base: Path, folder: RunFolder, action_steps: int) -> list["subprocess.Popen[bytes]"]:
    """Start the programs that hold the robots."""
    period_s = action_steps / options.control_rate
    shares = np.array_split(np.arange(1, options.robots + 1), options.programs)
    return [
        subprocess.Popen(
            [
                *(sys.executable, PROGRAM, "--base", str(base), "--run", NAME),
                *("--robots-folder", str(folder.robots), "--result", str(folder.path / f"times-{share[0]}.npz")),
                *("--first", str(share[0]), "--robots", str(len(share)), "--period-s", str(period_s)),
                *("--count", str(round(options.seconds / period_s)), "--drain-s", str(options.drain_s)),
                *("--participants", str(options.participants)),
            ]
        )
        for share in shares
    ]


def run(options: Options, base: Path, folder: RunFolder, action_steps: int) -> LearnerSamples:
    """Play all streams, and watch the learner."""
    graph = learner_graph(options, base, folder)
    os.environ.update(graph.env | {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"})
    with own_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        with LearnerSamples(domain) as samples, Runner(graph, folder.logs, Grace(sigint=60.0)) as runner:
            programs = start(options, base, folder, action_steps)
            kill_due = time.monotonic() + options.kill_s if options.kill_s else float("inf")
            while any([program.poll() is None for program in programs]):
                runner.poll()
                samples.take(runner.pids.get("learner"), LOOK_S)
                if runner.failures:
                    raise GraphError("; ".join(map(str, runner.failures)))
                if samples.transitions == 0 and options.kill_s:  # it counts from the first transition
                    kill_due = time.monotonic() + options.kill_s
                if time.monotonic() > kill_due and "learner" in runner.pids:
                    os.kill(runner.pids["learner"], signal.SIGKILL)
                    kill_due = float("inf")
            if any(program.returncode for program in programs):
                raise GraphError("a program with streams has failed; its error is above")
    return samples


def sent(folder: RunFolder, robots: int, count: int, size: ProblemSize) -> Sent:
    """Make all transitions again, with the keys that the journals gave them."""
    digests = {}
    for robot in range(1, robots + 1):
        name = f"robot_{robot}"
        journal = Journal(folder.robots / name / "journal.sqlite")
        journal.close()
        for k, transition in enumerate(transitions_of(robot, count, size)):
            key = Key(NAME, name, journal.number, k)
            digests[key] = sha256(encode(key, transition)).digest()
    return Sent(digests)


def measure(options: Options, base: Path, folder: RunFolder) -> tuple[Figures, Audit]:
    """Run, then count."""
    policy = load_base(base)
    size, action_steps = problem_size(policy, make_steering(policy, CPU.steering)), policy.config.n_action_steps
    samples = run(options, base, folder, action_steps)
    files = [np.load(path) for path in sorted(folder.path.glob("times-*.npz"))]
    times: Times = np.concatenate([file["times"] for file in files])
    found_s = float(max(file["found_s"].max() for file in files))
    result = figures(times, found_s, samples, sum(float(file["cpu_s"]) for file in files))
    return result, audit(folder, size, sent(folder, options.robots, times.shape[2], size))


def table(rows: Mapping[str, object]) -> str:
    """Format the figures as a table in Markdown."""
    lines = [
        f"| {name} | {value:.4g} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in rows.items()
    ]
    return "\n".join(["| | |", "|---|---|", *lines])


def main(options: Options) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="zprl-streams-") as name:
        base = options.base
        if base is None:
            base = Path(name) / "base"
            tiny_base(base, n_action_steps=8)
        folder = RunFolder((options.folder or Path(name)).absolute() / NAME)
        found, counts = measure(options, base.absolute(), folder)
    shown = ("journaled", "stored", "waiting", "lost", "duplicated", "altered")
    print(table(asdict(found) | {name: getattr(counts, name) for name in shown}))
    if options.result is not None:
        options.result.write_text(json.dumps({"figures": asdict(found), "audit": asdict(counts)}, indent=1))
    print(f"\n{counts.lost} lost, {counts.duplicated + counts.altered} duplicated, {counts.waiting} still in a journal")


if __name__ == "__main__":
    main(tyro.cli(Options))
