"""Arguments of the launch files, made from the fields of RunOptions, and their conversion to GraphSettings."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import Mode
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.ignored_options import check_ignored
from zprl_bringup.graph.kept_numbers import as_it_was
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import graph_settings, load_options
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.ros_launch.values import choices_of, from_text, to_text
from zprl_core.config.metadata import description, fields_of, offered_by
from zprl_core.errors import CheckpointError, quoted
from zprl_sim.tasks.catalog import task_names

RUN_FOLDER = "runs/ros"


@dataclass(frozen=True)
class LaunchArgument:
    """One argument, as `ros2 launch --show-args` shows it; one without a default is required."""

    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] = ()


NOTES = {  # what holds for launch files only
    "station": "; with resume, the learning settings are those of the run.",
    "preset": "; a station has its own",
    "actor": "; required in mode evaluate",
    "cameras": "; separated by commas; empty: none",
}
MODE = LaunchArgument("mode", "base and actor, deterministic, or the base alone", "evaluate", ("evaluate", "base"))
RESUME = LaunchArgument(
    "resume",
    "folder of a run of zprl finetune to resume, with its base, task, preset, steer, robots, seed, latency and "
    "learning settings; arm, limits, rates and cameras are those of the station",
    "",
)
FOLDER = LaunchArgument("run_folder", "folder for replay log and checkpoints; an existing run is resumed", RUN_FOLDER)


def _arguments(command: Command, defaults: RunOptions) -> tuple[LaunchArgument, ...]:
    """Make an argument of each option that the launch file offers."""
    named: dict[str, Iterable[str]] = {"task": task_names(), "robot": robot_names()}
    return tuple(
        LaunchArgument(
            name,
            description(hint).text + NOTES.get(name, ""),
            to_text(getattr(defaults, name)),
            tuple(named.get(name, choices_of(hint))),
        )
        for name, hint in offered_by(RunOptions, command).items()
    )


SIM_ARGUMENTS = _arguments(Command.SIM, RunOptions(lockstep=False))
VIEW_ARGUMENTS = _arguments(Command.VIEW, RunOptions(lockstep=False))
EVALUATE_ARGUMENTS = (MODE, *_arguments(Command.EVALUATE, RunOptions()))
FINETUNE_ARGUMENTS = (RESUME, FOLDER, *_arguments(Command.FINETUNE, RunOptions()))


def settings_from(given: Mapping[str, str]) -> GraphSettings:
    """Convert launch arguments to settings. Raises GraphError naming the wrong argument."""
    try:
        options = _options(given)
        settings = _resumed(given, options) if given.get("resume") else _chosen(given, options)
        mode = given.get("mode")
        return settings if mode is None else replace(settings, mode=_mode(mode))
    except (ValueError, RunError, CheckpointError) as error:
        raise GraphError(quoted(error)) from None


def _options(given: Mapping[str, str]) -> RunOptions:
    """Convert the arguments that are options; the others keep their default."""
    hints = fields_of(RunOptions)
    return RunOptions(**{name: from_text(name, text, hints[name]) for name, text in given.items() if name in hints})


def _resumed(given: Mapping[str, str], options: RunOptions) -> GraphSettings:
    its_own = tuple(offered_by(RunOptions, Command.JOB))
    _refuse(given, ("base", "run_folder", *its_own), "a resumed run has its own")
    run = RunFolder(_home(given["resume"]))
    settings = graph_settings(as_it_was(load_options(run), run, _note), run)
    options = replace(options, **{name: getattr(settings.options, name) for name in ("base", *its_own)})
    return replace(settings, options=options, station=_station(options))


def _note(text: str) -> None:
    print(f"zprl: {text}", file=sys.stderr)


def _chosen(given: Mapping[str, str], options: RunOptions) -> GraphSettings:
    run_folder = _home(given.get("run_folder", RUN_FOLDER))
    station = _station(options)
    if options.station is not None:
        _refuse(given, ("preset", "steer"), "the station has its own learning settings (finetune)")
    config = options.finetune if options.station is None else station.finetune
    settings = GraphSettings(RunFolder(run_folder).name, run_folder, options, config, station)
    check_ignored(settings)
    return settings


def _station(options: RunOptions) -> Station:
    if options.station is None:
        return Station()
    station = load_station(options.station)
    if options.base is not None:
        station.check_base(options.base)
    return station


def _refuse(given: Mapping[str, str], names: Iterable[str], why: str) -> None:
    """Raises GraphError when one of the arguments was given and differs from its default."""
    defaults = RunOptions()
    for name in names:
        default = RUN_FOLDER if name == "run_folder" else to_text(getattr(defaults, name))
        if (value := given.get(name, default)) != default:
            raise GraphError(f"{name}:={quoted(value)[:50]} would be ignored: {why}; remove it")


def _home(folder: str) -> Path:
    """Expand ~ to the home folder, as a shell does."""
    try:
        return Path(folder).expanduser()
    except RuntimeError as error:
        raise GraphError(f"{folder[:50]!r} is not a folder: {quoted(error).rstrip('.')}; give its full path") from None


def _mode(name: str) -> Mode:
    try:
        return Mode[name.upper()]
    except KeyError:
        choices = ", ".join(m.name.lower() for m in Mode)
        raise GraphError(f"mode:={name[:50]!r} is unknown; choose one of {choices}") from None
