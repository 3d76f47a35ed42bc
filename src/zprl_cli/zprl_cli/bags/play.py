"""`zprl bags play`: plays a recorded episode on a robot, slowly and under its guards."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.beside.playback import play_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station, load_station
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.start_check import check_graph
from zprl_core.errors import RecordError
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.playable_bag import playable
from zprl_sim.tasks.catalog import task_names

EVERY_S = 2.0  # between two lines of progress


def play(bag: Path, options: RunOptions, task: str | None, speed: float, runs: Path) -> PlayReport:
    """Play a bag, say on the terminal what the arm does, and return the report.

    `task`: of a simulated robot; None: the bag's. Raises RecordError for a bag that cannot be played, and when the arm
    stopped before the end; GraphError or ValueError for another robot.
    """
    info = playable(bag)
    station = Station() if options.station is None else load_station(options.station)
    chosen = replace(options, task=task or (info.task if info.task in task_names() else options.task))
    folder = runs / "play"
    settings = GraphSettings("play", folder, chosen, chosen.finetune, station)
    if task is not None and settings.chosen_robot.needs_operator:
        raise ValueError(f"--task is for simulated robots, and robot {chosen.robot} is none; remove it")
    report = folder / "play.json"
    graph = play_graph(settings, bag, (info.observation, info.action), speed, report)
    check_graph(graph, folder)
    with RunFolder(folder).locked():
        report.unlink(missing_ok=True)
        screen = _Screen(report, speed)
        run_graph(graph, folder, screen.ended)
    done = screen.shown
    if done.phase != PlayPhase.DONE:
        raise RecordError(f"stopped after {done.played_s:.1f} of {done.duration_s:.1f} s: {done.reason}")
    return done


@dataclass
class _Screen:
    """Prints what the player does, as its report says."""

    path: Path
    speed: float
    shown: PlayReport = field(default_factory=PlayReport)
    _printed_s: float = 0.0

    def ended(self, now: RunStatus) -> bool:
        """Prints what is new; True when the playback is over."""
        report = PlayReport.read(self.path)
        before, self.shown = self.shown, report
        new = (report.phase, report.reason) != (before.phase, before.reason)
        due = report.phase == PlayPhase.PLAYING and time.monotonic() - self._printed_s >= EVERY_S
        if (new or due) and report.phase != PlayPhase.STOPPED:  # that is the error in which the command ends
            self._printed_s = time.monotonic()
            print(self._line(report), flush=True)
        if report.phase.ended:
            print(_result(report), flush=True)
        return report.phase.ended

    def _line(self, report: PlayReport) -> str:
        match report.phase:
            case PlayPhase.WAITING:
                return f"waiting: {report.reason}" if report.reason else "starting"
            case PlayPhase.APPROACHING:
                return "moving to the first recorded pose"
            case PlayPhase.PLAYING:
                return f"playing at {self.speed:g} of the speed: {report.played_s:.1f} of {report.duration_s:.1f} s"
            case PlayPhase.DONE | PlayPhase.STOPPED:
                return "at the end of the episode"


def _result(report: PlayReport) -> str:
    """Returns how far the measured tool was from the recorded one, and how often a guard acted."""
    lines = []
    if report.time_max:
        lines = [
            f"measured tool from the recorded path: {report.path_mean:.4f} m (mean), {report.path_max:.4f} m (max)",
            f"from its recorded place at that time: {report.time_mean:.4f} m (mean), {report.time_max:.4f} m (max)",
        ]
    if report.clipped:
        lines.append(f"guards changed {report.clipped} commands: {report.guard}")
    return "\n".join(lines) or "nothing was played"
