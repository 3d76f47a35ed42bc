"""`zprl bags`: lists, checks, draws, maps, converts, repairs and plays the bags of recorded episodes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.bags.bag_folder import bags_at
from zprl_cli.datasets.command import Export, Import
from zprl_cli.datasets.dataset_format import is_dataset
from zprl_cli.listing import print_table
from zprl_core.bags.bag_list import BagState, BagSummary, bags_in, summary_of
from zprl_core.bags.bag_mapping import load_mapping
from zprl_core.bags.bag_repair import repair
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import check_ranges
from zprl_core.errors import RecordError
from zprl_core.obs import Obs
from zprl_episodes.playback.settings import SPEEDS

PLAYED = RunOptions(robot="mujoco", lockstep=False, deployed=False)
HEADS = ("bag", "task", "episode", "label", "seconds", "messages", "MB", "state")


@dataclass(frozen=True)
class List:
    """List the bags in a folder: task, label, duration, size, and which of them were cut off."""

    folder: Annotated[tyro.conf.Positional[Path], "folder that holds the bags"] = Path("bags")

    def main(self) -> None:
        found = list(bags_in(self.folder))
        print_table(HEADS, [_row(bag) for bag in found])
        if not found:
            print(f"zprl: {self.folder} has no bag; zprl up --bags {self.folder} records episodes", file=sys.stderr)
        broken = [bag.path for bag in found if bag.state == BagState.CUT_OFF]
        if broken:
            print(f"zprl: {len(broken)} cut off; zprl bags repair {broken[0]} completes one", file=sys.stderr)


@dataclass(frozen=True)
class Repair:
    """Complete bags whose recorder was killed, with every whole message; complete bags stay as they are."""

    bags: Annotated[tyro.conf.Positional[tuple[Path, ...]], "bags to repair"]

    def main(self) -> None:
        """Repairs each bag; one that cannot be repaired is reported, and the others follow. Raises RecordError then."""
        failed = []
        for bag in self.bags:
            try:
                if summary_of(bag).state == BagState.RECORDING:
                    raise RecordError(f"{bag} is being recorded; repair it when its recorder has ended")
                print(f"{bag}: {repair(bag)} messages")
            except (RecordError, OSError) as error:
                print(f"zprl: {error}", file=sys.stderr)
                failed.append(bag)
        if failed:
            raise RecordError(f"{len(failed)} of {len(self.bags)} bags could not be repaired")


@dataclass(frozen=True)
class Check:
    """Check the bags in a folder as demonstrations: gaps, teleports, frozen cameras, clipped and missing commands."""

    folder: Annotated[tyro.conf.Positional[Path], "folder that holds the bags, or a bag"] = Path("bags")
    labels: Annotated[tuple[str, ...], "labels of the episodes to check"] = ("success",)
    map: Annotated[Path | None, "mapping of topics, for bags of another recorder; zprl bags map drafts it"] = None

    def main(self) -> None:
        from zprl_cli.bags.demos import Choice, checked
        from zprl_cli.bags.slim_step import slim

        mapping = None if self.map is None else load_mapping(self.map)
        rows = []
        for found in checked(bags_at(self.folder), Choice(self.labels, mapping=mapping), slim):
            said = "usable" if found.verdict.usable else "; ".join(found.verdict.problems)
            rows.append((found.bag.path.name, str(found.verdict.steps or "-"), said))
        print_table(("bag", "steps", "as a demonstration"), rows)


@dataclass(frozen=True)
class Plot:
    """Draw each episode: motion and commands, gripper, time between messages, images of the cameras; and all paths."""

    bags: Annotated[tyro.conf.Positional[Path], "a bag, or the folder that holds the bags"] = Path("bags")
    out: Annotated[Path, "folder for the pictures"] = Path("plots")
    labels: Annotated[tuple[str, ...], "labels of the episodes to draw"] = ("success", "failure", "timeout")
    map: Annotated[Path | None, "mapping of topics, for bags of another recorder"] = None

    def main(self) -> None:
        """Draws each bag; one that cannot be drawn is reported, and the others follow."""
        from zprl_cli.bags.demos import Choice, checked
        from zprl_cli.bags.plot import plot_episode, plot_tracks, track_of
        from zprl_cli.progress_bar import ProgressBar

        choice = Choice(self.labels, mapping=None if self.map is None else load_mapping(self.map))
        topics = () if choice.mapping is None else set(choice.mapping.topics.values())
        found = bags_at(self.bags)
        one = found == [summary_of(self.bags)]
        _make_folder(self.out)
        drawn, left = [], []
        with ProgressBar() as bar, bar.phase("plots", len(found)) as phase:
            for done, episode in enumerate(checked(found, choice), 1):
                phase.update(done)
                try:
                    plot_episode(episode, self.out / f"{episode.bag.path.name}.png", topics)
                    drawn.append(track_of(episode))
                except RecordError as error:
                    left.append(str(error))
        if not one and drawn:
            plot_tracks(drawn, self.out / "paths.png")
        print(f"{len(drawn)} episodes: {self.out}")
        for line in left:
            print(f"zprl: {line}", file=sys.stderr)


@dataclass(frozen=True)
class Map:
    """Draft a mapping from the topics of another recorder's bags to the streams of a task or base, as YAML.

    Or from the columns of a robomimic HDF5 file or a LeRobot data set, for `zprl bags import`.
    """

    bag: Annotated[tyro.conf.Positional[Path], "one of the bags, or the data set"]
    like: Annotated[str, "task, or folder of a base, whose streams and actions the demonstrations get"] = "lift"
    obs: Annotated[Obs, "what a policy of that task observes"] = Obs.STATE
    out: Annotated[Path | None, "file to write; by default the draft is printed"] = None

    def main(self) -> None:
        from zprl_cli.bags.draft_file import print_draft

        if is_dataset(self.bag):
            from zprl_cli.datasets.dataset_draft import draft_dataset_mapping

            text = draft_dataset_mapping(self.bag, self.like, self.obs)
            then = f"check each column, then zprl bags import {self.bag} --out demos --map {self.out}"
        else:
            from zprl_cli.bags.mapped import draft_mapping

            text = draft_mapping(self.bag, self.like, self.obs)
            then = f"check each topic, then zprl bags check FOLDER --map {self.out}"
        print_draft(text, self.out, then)


@dataclass(frozen=True)
class Play:
    """Move a robot along a recorded episode, under the guards of its arm and slower than it was recorded.

    The arm moves straight to the first recorded pose, then follows the targets that were executed. It stops at the end,
    on a fault, or when an operator takes over. On a real arm, enable it first and keep the emergency stop at hand.
    """

    bag: Annotated[tyro.conf.Positional[Path], "bag to play"]
    options: Annotated[RunOptions, Embedded(Command.PLAY)] = PLAYED
    task: Annotated[str | None, "task of a simulated robot; by default the bag's"] = None
    speed: Annotated[float, "speed relative to the recording", SPEEDS] = 0.5
    runs: Annotated[Path, "folder that receives the logs of the nodes, in play/logs"] = Path("runs")

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.bags.play import play

        play(self.bag, self.options, self.task, self.speed, self.runs)


@dataclass(frozen=True)
class Bags:
    """List, check, draw, map, convert, repair and play the bags of recorded episodes."""

    command: (
        Annotated[List, tyro.conf.subcommand("ls")]
        | Annotated[Check, tyro.conf.subcommand("check")]
        | Annotated[Plot, tyro.conf.subcommand("plot")]
        | Annotated[Map, tyro.conf.subcommand("map")]
        | Annotated[Export, tyro.conf.subcommand("export")]
        | Annotated[Import, tyro.conf.subcommand("import")]
        | Annotated[Repair, tyro.conf.subcommand("repair")]
        | Annotated[Play, tyro.conf.subcommand("play")]
    )

    def main(self) -> None:
        """Carries out the chosen command."""
        self.command.main()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"cannot make the folder {path}: {error}; give another --out") from None


def _row(bag: BagSummary) -> tuple[str, ...]:
    known = bag.custom
    seconds, messages = (f"{bag.duration_s:.1f}", str(bag.messages)) if bag.messages else ("-", "-")
    return (
        bag.path.name,
        *(known.get(name) or "-" for name in ("task", "episode", "label")),
        seconds,
        messages,
        f"{bag.size / 1e6:.1f}",
        bag.state.value,
    )
