"""`zprl teleop`: a human demonstrates a task, and each episode becomes a bag."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.graphs import teleop_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Parameter
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.runner.run_graph import run_graph
from zprl_cli.bags.demo_count import DemoCount
from zprl_cli.start_check import check_graph
from zprl_core.bags.bag_list import bags_in
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import Range, check_ranges
from zprl_core.host.ros_log_folder import is_writable
from zprl_teleop.teleop_command import DeviceKind, TeleopSettings

BY_HAND = RunOptions(robot="mujoco", lockstep=False, deployed=False, bags=Path("bags"))
WAITING = "waiting for"
SAID = 5  # lines of the graph to repeat at the end, as the screen hides them


@dataclass(frozen=True)
class Teleop:
    """Move a simulated or real arm by keyboard, gamepad, SpaceMouse or another arm, and record each episode as a bag.

    The keys are on the screen: 0 starts an episode, 7, 8 and 9 label it success, failure or discard, Ctrl-C leaves.
    zprl pretrain --bags makes a base of the successful episodes.
    """

    options: Annotated[RunOptions, Embedded(Command.TELEOP)] = BY_HAND
    device: Annotated[
        DeviceKind,
        "keyboard; gamepad or spacemouse, through joy and spacenav; pose or twist: another arm or tool that publishes "
        "teleop/pose or teleop/twist",
    ] = DeviceKind.KEYBOARD
    direct: Annotated[bool, "read gamepad or SpaceMouse here, without the nodes of joy or spacenav"] = False
    path: Annotated[str, "with --direct: device file, such as /dev/input/js0; by default the first one found"] = ""
    linear: Annotated[float, "speed at full travel [m/s]", Range(0.001, 1)] = TeleopSettings.linear
    angular: Annotated[float, "angular speed at full travel [rad/s]", Range(0.001, 3)] = TeleopSettings.angular
    demos: Annotated[int, "successful episodes in the folder at which it ends; 0: Ctrl-C ends it", Range(0, 10**6)] = 0
    name: Annotated[str | None, "name of the folder for the nodes' logs; by default TASK-teleop"] = None
    runs: Annotated[Path, "folder that holds it"] = Path("runs")

    def __post_init__(self) -> None:
        check_ranges(self)
        TeleopSettings(device=self.device, direct=self.direct, path=self.path)  # raises ValueError

    def main(self) -> None:
        """Record until Ctrl-C, or until there are enough demonstrations."""
        settings = self.settings()
        bags = settings.options.bags
        assert bags is not None
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise ValueError("teleoperation shows a screen and reads keys: start it in a terminal, without redirection")
        count = DemoCount(bags, settings.task)
        before = count.kept()
        if self._enough(count):
            _report(bags, before, before)
            return
        graph = teleop_graph(settings, self.parameters(before), count.next_episode)
        check_graph(graph, settings.run_folder)
        _check_folder(bags)
        said: list[str] = []
        try:
            with RunFolder(settings.run_folder).locked():
                run_graph(graph, settings.run_folder, lambda now: self._enough(count), say=said.append)
        except KeyboardInterrupt:
            pass  # the usual end
        finally:
            _repeat(said)
        _report(bags, count.kept(), before)

    def settings(self) -> GraphSettings:
        """Combine these options with the station. Raises ValueError when they contradict each other."""
        options = self.options
        if options.bags is None:
            raise ValueError("--bags is empty; name the folder for the bags")
        station = Station() if options.station is None else load_station(options.station)
        settings = GraphSettings("teleop", self.runs, options, options.finetune, station)
        name = self.name or f"{settings.task or 'demos'}-teleop"
        return replace(settings, run=name, run_folder=self.runs / name)

    def parameters(self, recorded: int) -> dict[str, Parameter]:
        """Return the parameters of the teleoperation node. `recorded`: demonstrations that there are already."""
        return {
            "device": self.device.value,
            "screen": True,
            "demonstrations": recorded,
            "direct": self.direct,
            "path": self.path,
            "linear": self.linear,
            "angular": self.angular,
        }

    def _enough(self, count: DemoCount) -> bool:
        return 0 < self.demos <= count.kept()


def _repeat(said: Iterable[str]) -> None:
    """Print what the graph said while the screen was shown, but not what it waited for then."""
    for line in [line for line in dict.fromkeys(said) if WAITING not in line][-SAID:]:
        print(line, file=sys.stderr)


def _check_folder(bags: Path) -> None:
    """Raises ValueError when the folder for the bags cannot be made or written."""
    if not is_writable(bags.expanduser().absolute()) or (bags.exists() and not bags.is_dir()):
        raise ValueError(f"{bags} is no folder that can be written; give another --bags")


def _report(bags: Path, kept: int, before: int) -> None:
    new = f", {kept - before} of them new" if before else ""
    print(f"{kept} demonstration{'' if kept == 1 else 's'}{new}: {bags}")
    unlabeled = [bag.path.name for bag in bags_in(bags) if not bag.custom.get("label")] if bags.is_dir() else []
    if unlabeled:
        print(f"{len(unlabeled)} without a label, which are not used: {', '.join(unlabeled[-3:])}")
    if kept:
        print(f"zprl bags check {bags} looks for problems; zprl pretrain --bags {bags} makes a base")
