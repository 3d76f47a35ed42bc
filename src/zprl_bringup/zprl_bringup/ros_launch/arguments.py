"""The launch files' arguments: what they mean, and the GraphSettings that they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import Mode, Steer
from zprl_bringup.graph.robots.catalog import robot_names
from zprl_bringup.graph.run_options import Preset, finetune_config, graph_settings, load_settings
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.graph.station import Station, load_station
from zprl_core.errors import CheckpointError, quoted
from zprl_core.latency import Latency
from zprl_sim.tasks.catalog import task_names

FLAGS = ("true", "false")
MAX_SECONDS = 1e9


@dataclass(frozen=True)
class LaunchArgument:
    """One argument, as `ros2 launch --show-args` shows it. Without a default it must be given."""

    name: str
    description: str
    default: str | None = None
    choices: tuple[str, ...] = ()


_TASK = LaunchArgument("task", "Task that the simulated robot has.", "lift", task_names())
_SEED = LaunchArgument("seed", "Seed of resets, exploration and learning.", "0")
_ROBOT = LaunchArgument(
    "robot",
    "sim: MuJoCo; mujoco: behind the arm node; fci-sim: behind Franka's protocol and driver; franky: a real arm. "
    "All but sim need lockstep:=false.",
    "sim",
    robot_names(),
)
_STATION = LaunchArgument(
    "station",
    "File of a station (arm, cameras, limits, rates, learning), or the name of an example in config/stations. "
    "With resume, how to learn is the run's, all else is the station's.",
    "",
)
_HOSTNAME = LaunchArgument("hostname", "Address of a real arm; empty: the station's.", "")
_ROBOTS = LaunchArgument(
    "robots", "Simulated robots; more than one get the namespaces robot_1, robot_2 and so on.", "1"
)
_CAMERAS = LaunchArgument("cameras", "Names of the cameras to publish, with commas between; empty: none.", "")
_DEPLOYED = LaunchArgument(
    "deployed",
    "Whether the simulation has the task's deployment mismatch (true), or is as in the demonstrations (false).",
    "true",
    FLAGS,
)
_LATENCY = LaunchArgument(
    "latency",
    "How late the arm of robot sim follows. ideal: at once; real: as a real one does.",
    "ideal",
    tuple(latency.value for latency in Latency),
)
_LOCKSTEP = LaunchArgument(
    "lockstep",
    "true: as fast as policy and physics go, no step skipped; false: real time, 20 Hz.",
    "true",
    FLAGS,
)
_BASE = LaunchArgument("base", "Checkpoint folder of the frozen base policy, as zprl pretrain makes it.", "")
_PRESET = LaunchArgument(
    "preset",
    "Numbers of online finetuning: cpu (two cores), fast (ten critics, five updates a chunk), paper_v1. "
    "With a station they are the station's.",
    "cpu",
    tuple(preset.value for preset in Preset),
)
_STEER = LaunchArgument("steer", "What the residual is added to.", "latent", tuple(steer.value for steer in Steer))
_MAX_EPISODES = LaunchArgument("max_episodes", "Episodes of each robot, after which the graph ends; 0: no end.", "0")
_TIME_LIMIT = LaunchArgument("time_limit_s", "Time limit of an episode, s; 0: the task's own.", "0.0")

_RUN_FOLDER = LaunchArgument(
    "run_folder", "Folder for record and checkpoints; a run that is there goes on.", "runs/ros"
)

_ARM = (_ROBOT, _STATION, _HOSTNAME)
_OF_A_RUN = (_BASE, _RUN_FOLDER, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LATENCY)

SIM_ARGUMENTS = (*_ARM, _TASK, _SEED, _ROBOTS, replace(_LOCKSTEP, default="false"), _DEPLOYED, _LATENCY, _CAMERAS)
EVALUATE_ARGUMENTS = (
    _BASE,
    LaunchArgument("actor", "Checkpoint folder of the finetuned actor; needed in mode evaluate.", ""),
    LaunchArgument("mode", "evaluate: base and actor, deterministic; base: alone.", "evaluate", ("evaluate", "base")),
    *_ARM, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LOCKSTEP, _DEPLOYED, _LATENCY, _CAMERAS, _TIME_LIMIT, _MAX_EPISODES,
)  # fmt: skip
FINETUNE_ARGUMENTS = (
    _BASE,
    LaunchArgument(
        "resume",
        "Folder of a run of zprl finetune to resume: base, task, preset, steer, robots, seed, latency are the "
        "run's, and how to learn, with a station too; its arm, limits, rates and cameras are the station's.",
        "",
    ),
    _RUN_FOLDER,
    *_ARM, _PRESET, _STEER, _TASK, _SEED, _ROBOTS, _LOCKSTEP, _DEPLOYED, _LATENCY, _CAMERAS, _TIME_LIMIT, _MAX_EPISODES,
    LaunchArgument("max_update_debt", "Updates the learner may owe before the robots wait with a reset.", "200"),
)  # fmt: skip


def settings_from(given: Mapping[str, str]) -> GraphSettings:
    """The settings that launch arguments stand for. Raises GraphError that names the argument that is wrong."""
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
    _refuse(given, _OF_A_RUN, "a run that is taken up has its own")
    run = RunFolder(_home(given["resume"]))
    settings = graph_settings(load_settings(run), run)
    return replace(settings, station=_station(given, settings.base))


def _chosen(given: Mapping[str, str]) -> GraphSettings:
    run_folder = _home(given.get("run_folder", "runs/ros"))
    preset, steer = Preset(given.get("preset", "cpu")), Steer(given.get("steer", "latent"))
    base = _path(given, "base")
    station = _station(given, base)
    if given.get("station"):
        _refuse(given, (_PRESET, _STEER), "a station says itself how to learn (finetune)")
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
    """Raises GraphError when one of them was given another value than its default."""
    for each in arguments:
        if (value := given.get(each.name, each.default)) != each.default:
            raise GraphError(f"{each.name}:={quoted(value)[:50]} would be ignored: {why}; leave it out")


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


def _home(folder: str) -> Path:
    """With ~ as the shell knows it."""
    try:
        return Path(folder).expanduser()
    except RuntimeError as error:
        raise GraphError(f"{folder[:50]!r} is no folder: {error} Give its full path") from None


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
        raise GraphError(f"{name}:={text[:50]!r} is no whole number") from None


def _seconds(given: Mapping[str, str], name: str) -> float:
    text = given.get(name, "0.0")
    try:
        seconds = float(text)
        if not 0.0 <= seconds <= MAX_SECONDS:
            raise ValueError
        return seconds
    except ValueError:
        raise GraphError(f"{name}:={text[:50]!r} is no number of seconds") from None
