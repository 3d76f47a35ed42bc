"""Arguments of the launch files, and their conversion to GraphSettings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import Mode, Steer
from zprl_bringup.graph.options import Preset, StationFile
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import RunOptions, finetune_config, graph_settings, load_settings
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.graph.station import Station, load_station
from zprl_core.config.metadata import describe, description, fields_of
from zprl_core.errors import CheckpointError, quoted
from zprl_core.latency import Latency
from zprl_sim.tasks.catalog import task_names

FLAGS = ("true", "false")
MAX_SECONDS = 1e9


@dataclass(frozen=True)
class LaunchArgument:
    """One argument, as `ros2 launch --show-args` shows it; one without a default is required."""

    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] = ()


def _argument(name: str, default: str, choices: Iterable[str] = ()) -> LaunchArgument:
    """Make an argument from an option of the graph, with the option's own description."""
    return LaunchArgument(name, _TEXTS[name].text, default, tuple(choices))


_TEXTS = {**describe(RunOptions), **{name: description(hint) for name, hint in fields_of(GraphSettings).items()}}
_TASK = _argument("task", "lift", task_names())
_SEED = _argument("seed", "0")
_ROBOT = _argument("robot", "sim", robot_names())
_STATION = LaunchArgument(
    "station",
    f"{description(StationFile).text}; with resume, the learning settings are those of the run.",
    "",
)
_HOSTNAME = _argument("hostname", "")
_ROBOTS = _argument("robots", "1")
_CAMERAS = LaunchArgument("cameras", f"{_TEXTS['cameras'].text}; separated by commas; empty: none", "")
_DEPLOYED = _argument("deployed", "true", FLAGS)
_LATENCY = _argument("latency", "ideal", (latency.value for latency in Latency))
_LOCKSTEP = _argument("lockstep", "true", FLAGS)
_BASE = _argument("base", "")
_PRESET = LaunchArgument(
    "preset",
    f"{_TEXTS['preset'].text}; a station has its own",
    "cpu",
    tuple(preset.value for preset in Preset),
)
_STEER = _argument("steer", "latent", (steer.value for steer in Steer))
_MAX_EPISODES = _argument("max_episodes", "0")
_TIME_LIMIT = _argument("time_limit_s", "0.0")
_RUN_FOLDER = _argument("run_folder", "runs/ros")

_ARM = (_ROBOT, _STATION, _HOSTNAME)
_OF_A_RUN = (_BASE, _RUN_FOLDER, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LATENCY)

SIM_ARGUMENTS = (*_ARM, _TASK, _SEED, _ROBOTS, replace(_LOCKSTEP, default="false"), _DEPLOYED, _LATENCY, _CAMERAS)
EVALUATE_ARGUMENTS = (
    _BASE,
    LaunchArgument("actor", f"{_TEXTS['actor'].text}; required in mode evaluate", ""),
    LaunchArgument("mode", "base and actor, deterministic, or the base alone", "evaluate", ("evaluate", "base")),
    *_ARM, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LOCKSTEP, _DEPLOYED, _LATENCY, _CAMERAS, _TIME_LIMIT, _MAX_EPISODES,
)  # fmt: skip
FINETUNE_ARGUMENTS = (
    _BASE,
    LaunchArgument(
        "resume",
        "folder of a run of zprl finetune to resume, with its base, task, preset, steer, robots, seed, latency and "
        "learning settings; arm, limits, rates and cameras are those of the station",
        "",
    ),
    _RUN_FOLDER,
    *_ARM, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LOCKSTEP, _DEPLOYED, _LATENCY, _CAMERAS, _TIME_LIMIT, _MAX_EPISODES,
    _argument("max_update_debt", "200"),
)  # fmt: skip


def settings_from(given: Mapping[str, str]) -> GraphSettings:
    """Convert launch arguments to settings. Raises GraphError naming the wrong argument."""
    try:
        settings = _resumed(given) if given.get("resume") else _chosen(given)
        mode = given.get("mode")
        return replace(
            settings,
            lockstep=given["lockstep"] == "true",
            robot=given["robot"],
            hostname=given["hostname"],
            mode=None if mode is None else _mode(mode),
            deployed=given["deployed"] == "true",
            max_update_debt=_number(given, "max_update_debt", 200),
            max_episodes=_number(given, "max_episodes", 0),
            time_limit_s=_seconds(given, "time_limit_s"),
            cameras=tuple(name.strip() for name in given["cameras"].split(",") if name.strip()),
        )
    except (ValueError, RunError, CheckpointError) as error:
        raise GraphError(quoted(error)) from None
    except KeyError as error:
        raise GraphError(f"the launch argument {error.args[0]} is missing; give {error.args[0]}:=...") from None


def _resumed(given: Mapping[str, str]) -> GraphSettings:
    _refuse(given, _OF_A_RUN, "a resumed run has its own")
    run = RunFolder(_home(given["resume"]))
    settings = graph_settings(load_settings(run), run)
    return replace(settings, station=_station(given, settings.base))


def _chosen(given: Mapping[str, str]) -> GraphSettings:
    run_folder = _home(given.get("run_folder", "runs/ros"))
    preset, steer = Preset(given.get("preset", "cpu")), Steer(given.get("steer", "latent"))
    base = _path(given, "base")
    station = _station(given, base)
    if given.get("station"):
        _refuse(given, (_PRESET, _STEER), "the station has its own learning settings (finetune)")
    return GraphSettings(
        run=RunFolder(run_folder).name,
        run_folder=run_folder,
        base=base,
        task=given["task"],
        config=station.finetune if given.get("station") else finetune_config(given["task"], preset, steer),
        station=station,
        robots=_number(given, "robots"),
        seed=_number(given, "seed"),
        actor=_path(given, "actor"),
        latency=Latency(given["latency"]),
    )


def _station(given: Mapping[str, str], base: Path | None) -> Station:
    path = _path(given, "station")
    if path is None:
        return Station()
    station = load_station(path)
    if base is not None:
        station.check_base(base)
    return station


def _refuse(given: Mapping[str, str], arguments: tuple[LaunchArgument, ...], why: str) -> None:
    """Raises GraphError when one of `arguments` was given and differs from its default."""
    for each in arguments:
        if (value := given.get(each.name, each.default)) != each.default:
            raise GraphError(f"{each.name}:={quoted(value)[:50]} would be ignored: {why}; remove it")


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


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


def _number(given: Mapping[str, str], name: str, default: int = 0) -> int:
    text = given.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise GraphError(f"{name}:={text[:50]!r} is not a whole number") from None


def _seconds(given: Mapping[str, str], name: str) -> float:
    text = given.get(name, "0.0")
    try:
        seconds = float(text)
        if not 0.0 <= seconds <= MAX_SECONDS:
            raise ValueError
        return seconds
    except ValueError:
        raise GraphError(f"{name}:={text[:50]!r} is not a number of seconds") from None
