"""Plays the pairs of a comparison over the ROS graph, on a simulated or a real robot.

The policy node chooses who plays, by the comparison's seed; a person who labels them sees only how many there are.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunError
from zprl.rl.config import BlindConfig, Mode
from zprl.training.paired_test import PairedTest
from zprl_bringup.graph.graphs import evaluate_graph
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.robots.catalog import robot_named
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.experiment.contestant import Contestant
from zprl_cli.experiment.pairs import Pairs, Played
from zprl_cli.run_command import note
from zprl_cli.start_check import check_graph

SIM = "sim"  # the robot that waits for its commands


def play_over_ros(
    options: RunOptions,
    a: Contestant,
    b: Contestant,
    folder: Path,
    pairs: Pairs,
    test: PairedTest,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Run the graph until the test stops. Raises RunError for policies that one node cannot play, GraphError."""
    if test.ended(pairs.differences):
        return
    settings = graph_settings(options, a, b, folder, pairs.next_episode)
    if warning := preflight(settings):
        note(warning)
    graph = evaluate_graph(settings)
    check_graph(graph, folder)
    prompt = Prompt()

    def ended(now: RunStatus) -> bool:
        prompt.show(now.prompt)
        for end in now.ends:
            if end.counts:
                pairs.add(Played(end.episode, end.success, end.source))
        progress()
        return test.ended(pairs.differences)

    run_graph(graph, folder, ended)


@dataclass
class Prompt:
    """Shows the operator what to do, when it changes."""

    shown: str = ""

    def show(self, prompt: str) -> None:
        if prompt and prompt != self.shown:
            print(f"  you: {prompt}", file=sys.stderr, flush=True)
        self.shown = prompt


def graph_settings(options: RunOptions, a: Contestant, b: Contestant, folder: Path, first: int) -> GraphSettings:
    """Return the settings of the graph in which A and B play. `first`: number of the first episode."""
    if b.actor is None:
        raise RunError(f"{b.name} is a base; name it first: zprl compare {b.name} {a.name}")
    here, there = a.identity["base"], b.identity["base"]
    if here != there:
        raise RunError(
            f"{a.name} has base {here}, {b.name} has {there}: over the graph both play one base; compare them in "
            "simulation, without --ros"
        )
    if a.actor is not None and a.steering != b.steering:
        raise RunError(
            f"{a.name} steers {a.steering}, {b.name} {b.steering}; compare them in simulation, without --ros"
        )
    if a.noise.text != b.noise.text:
        raise RunError(
            f"{a.name} was trained with flow noise {a.noise.text}, {b.name} with {b.noise.text}; compare them in "
            "simulation, without --ros"
        )
    station = Station()
    if options.station is not None:
        station = load_station(options.station)
        station.check_base(b.base)
    chosen = replace(options, base=b.base, actor=b.actor, noise=None, lockstep=options.robot == SIM)
    if options.robot != SIM:  # another robot has its own lag, and a real one its own task
        task = RunOptions.task if robot_named(options.robot).needs_operator else options.task
        chosen = replace(chosen, latency=RunOptions.latency, task=task)
    return GraphSettings(
        run=folder.name,
        run_folder=folder,
        options=chosen,
        config=chosen.finetune if options.station is None else station.finetune,
        station=station,
        mode=Mode.EVALUATE,
        blind=BlindConfig(options.seed, "" if a.actor is None else str(a.actor.expanduser().absolute())),
        first_episode=first,
    )
