"""`zprl doctor`: checks the set-up before a run."""

import importlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.network import Network
from zprl_bringup.graph.preflight import about_base
from zprl_bringup.graph.robots.catalog import robot_named
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.graph.station import Station, check_apart, load_station
from zprl_cli.doctor import cameras, clock, dds, disk, installation, machine, surroundings, teleop_devices
from zprl_cli.doctor.check import ArmRequest, Check, Finding, examine, exit_code, fail, ok, skip, warn
from zprl_cli.doctor.page import Page, open_json, write_json
from zprl_cli.doctor.peer import check as peer
from zprl_cli.doctor.peer.datagram import PORT
from zprl_cli.doctor.peer.responder import responder
from zprl_cli.up import REAL_TIME, Up
from zprl_core.config.command_line import Embedded
from zprl_core.errors import quoted
from zprl_hardware.cameras.camera import CameraSettings


@dataclass(frozen=True)
class Doctor:
    """Check the set-up and say how to fix what fails. Moves nothing without --move-gripper.

    Exit code 0: nothing failed; 1: a check failed; 2: wrong flags, nothing was checked.
    """

    options: Annotated[RunOptions, Embedded(Command.DOCTOR)] = REAL_TIME
    hostname: Annotated[str, "address of the arm's control; by default the station's, or this machine for fci-sim"] = ""
    cameras: Annotated[
        tuple[str, ...], "cameras to try, as NAME=SERIAL of a RealSense or NAME=/dev/videoN; by default the station's"
    ] = ()
    camera_fps: Annotated[int, "rate that --cameras should deliver [Hz]"] = 30
    camera_size: Annotated[tuple[int, int], "width and height that --cameras should deliver [px]"] = (640, 480)
    move_gripper: Annotated[bool, "open and close the gripper by a centimeter: keep your fingers away"] = False
    move_device: Annotated[bool, "ask you to move the SpaceMouse or the gamepad, and check that it reports it"] = False
    peer: Annotated[str, "another machine of the run, which runs zprl doctor --listen: check the network to it"] = ""
    listen: Annotated[bool, "answer the --peer of another machine until Ctrl-C, and check nothing"] = False
    runs: Annotated[Path, "folder that will hold the run folders"] = Path("runs")
    json: Annotated[Path | None, "write the findings to this file, for scripts"] = None

    def main(self) -> None:
        """Print the page and exit."""
        if self.listen:
            listen()
            return
        checks = self.checks()
        file = None if self.json is None else open_json(self.json)
        findings, ended = visit(checks, Page(sys.stdout))
        code = exit_code(findings)
        try:
            if file is not None:
                write_json(file, self.options.robot, findings)
        except OSError as error:
            print(f"zprl: --json {self.json} is incomplete: {error.strerror}; choose another file", file=sys.stderr)
            code = 1
        sys.stdout.flush()
        if not ended:
            os._exit(code)  # a hanging driver thread would hang or crash the interpreter's shutdown
        sys.exit(code)

    def checks(self) -> list[Check]:
        """The checks in order. Raises ValueError for invalid cameras."""
        station, read = self._station()
        chosen = self._cameras(station)
        network = Network() if station is None else station.network
        return [
            Check("workspace", installation.look_workspace),
            Check("versions", installation.look_versions),
            *read,
            self._base(station),
            *self._arm(station),
            Check("cameras", cameras.look_there, remedy="plug the cameras in again"),
            *self._streams(chosen),
            self._input(),
            Check("clock", clock.look),
            Check("ROS logs", surroundings.look, limit_s=60.0, remedy="end what keeps this machine busy"),
            Check("ROS domain", lambda: dds.look(network=network), limit_s=60.0),
            *([Check("peer", lambda: peer.look(self.peer), limit_s=60.0)] if self.peer else []),
            Check("disk", lambda: disk.look(self.runs), limit_s=30.0, remedy="choose --runs on a local disk"),
            Check("memory", machine.look_memory),
            Check("GPU", machine.look_gpu, limit_s=30.0, remedy="check whether nvidia-smi hangs too; reboot"),
        ]

    def _station(self) -> tuple[Station | None, list[Check]]:
        """The station and its check. An unusable station fails; the other checks still run."""
        if self.options.station is None:
            return None, []
        path = str(self.options.station)
        try:
            station = load_station(self.options.station)
        except ValueError as error:
            bad = fail("station", str(error), "see the examples in config/stations")
            return None, [Check("station", lambda: [bad])]
        try:  # the graph that zprl up would start
            hostname = self.hostname if robot_named(self.options.robot).remote else ""
            up = Up(replace(self.options, base=None, hostname=hostname))
            up.graph(up.settings())
        except (ValueError, GraphError) as error:
            bad = fail(
                "station", f"{path}: {error}", "zprl up would refuse it: change the station, or choose another --robot"
            )
            return station, [Check("station", lambda: [bad])]
        good = ok("station", f"{path}: {len(station.cameras)} cameras, {station.control_rate:g} Hz")
        return station, [Check("station", lambda: [good])]

    def _cameras(self, station: Station | None) -> list[CameraSettings]:
        if not self.cameras and station is not None:
            return [replace(camera, lost_s=cameras.LOST_S) for camera in station.cameras]
        chosen = [cameras.parse(text, self.camera_fps, self.camera_size) for text in self.cameras]
        if len({camera.name for camera in chosen}) < len(chosen):
            raise ValueError(f"--cameras gives one name twice: {' '.join(self.cameras)}")
        check_apart(chosen)
        return chosen

    def _base(self, station: Station | None) -> Check:
        base = self.options.base
        if base is None:
            return skip("base", "no --base given")
        return Check("base", lambda: self._look_base(base, station), limit_s=30.0)

    def _look_base(self, base: Path, station: Station | None) -> Iterator[Finding]:
        found = tuple(installation.look_base(base, station))
        yield from found
        if exit_code(found):
            return
        try:
            Up(replace(self.options, base=None)).settings()
        except ValueError:  # refused whatever the base; the station's finding says why
            return
        try:
            settings = Up(self.options).settings()
        except ValueError as error:
            yield fail("base", str(error), "zprl up would refuse it: choose another --base, or the --task of this one")
            return
        if word := about_base(settings):
            yield warn("base", word, "zprl up starts anyway")

    def _arm(self, station: Station | None) -> list[Check]:
        """The robot's own checks, which its value names by module:function."""
        robot = robot_named(self.options.robot)
        if robot.doctor:
            module, _, function = robot.doctor.partition(":")
            try:
                checks = getattr(importlib.import_module(module), function)
            except Exception as error:  # code of another package may raise anything
                raise ValueError(
                    f"robot {robot.name}: its checks {robot.doctor} cannot be loaded ({type(error).__name__}: "
                    f"{quoted(error)}); correct the field doctor of the robot, or leave it empty"
                ) from error
            found: list[Check] = checks(ArmRequest(self.hostname, self.move_gripper, station))
            return found
        if self.hostname or self.move_gripper:
            raise ValueError("--hostname and --move-gripper need an arm: add --robot franky or --robot fci-sim")
        real_time = skip("real time", f"robot {self.options.robot} needs no real-time kernel")
        return [skip("arm", f"robot {self.options.robot} has none"), real_time]

    def _input(self) -> Check:
        if not self.move_device:
            return Check("SpaceMouse", lambda: teleop_devices.look(robot_named(self.options.robot).needs_operator))
        seconds = teleop_devices.MOVE_S
        ask = f"move the SpaceMouse, or a stick of the gamepad, within {seconds:g} s"
        return Check("SpaceMouse", lambda: teleop_devices.look_moved(seconds), limit_s=seconds + 10.0, ask=ask)

    def _streams(self, chosen: list[CameraSettings]) -> list[Check]:
        if not chosen:
            return []
        look = cameras.look_streams
        return [Check("camera rates", lambda: look(chosen), limit_s=30.0, remedy="plug the cameras in again")]


def listen() -> None:
    """Answer the probes of other machines until Ctrl-C. Raises ValueError when the port is taken."""
    try:
        with responder() as port:
            print(f"answering zprl doctor --peer on TCP and UDP port {port} until Ctrl-C", flush=True)
            threading.Event().wait()
    except OSError as error:
        raise ValueError(f"port {PORT} cannot be used: {error.strerror}; end the program that has it") from None


def visit(checks: list[Check], page: Page) -> tuple[list[Finding], bool]:
    """Run the checks in order. The second value is true if every one ended."""
    findings: list[Finding] = []
    all_ended = True
    for number, check in enumerate(checks, start=1):
        page.begin(check.name, number, len(checks))
        if check.ask:
            page.ask(check.ask)
        found, ended = examine(check)
        findings += found
        all_ended &= ended
        page.show(found)
    page.end(findings)
    return findings, all_ended
