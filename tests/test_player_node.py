"""The player node as a process, with a made-up arm that reaches each target at once."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import PoseStamped
from std_srvs.srv import Trigger

from lifecycle_harness import LifecycleClient
from listener import start_node
from path_bag import path_bag
from zprl_bringup.runner.ros_domain import own_domain
from zprl_core.arm_mode import ArmMode
from zprl_core.errors import USER_ERROR
from zprl_core.observation import Pose
from zprl_core.ros import services, topics
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import tool_message
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.player import SOURCE
from zprl_msgs.msg import ArmCommand, ArmStatus

pytestmark = pytest.mark.ros

PERIOD_S = 0.05
PLACES = [Pose((0.4 + 0.002 * k, 0.0, 0.2)) for k in range(40)]


@dataclass
class Station:
    """The player and the arm in front of it.

    Its states are stamped 50 ms apart however late they are, and while the player moves it each waits for an answer.
    """

    client: LifecycleClient
    player: "subprocess.Popen[str]"
    report_file: Path
    status: ArmStatus = field(default_factory=lambda: ArmStatus(mode=ArmMode.HOLD))
    tool: Pose = PLACES[0]
    frame: str = "fr3_link0"
    stamp_ns: int = 1_000_000_000
    holds: int = 0  # calls of arm/hold

    def __post_init__(self) -> None:
        node = self.client.node
        self._status, self._pose = topics.ARM_STATUS.publisher(node), topics.CURRENT_POSE.publisher(node)
        topics.ARM_COMMAND.subscribe(node, self._on_command)
        services.ARM_HOLD.serve(node, self._on_hold)
        self.commands = 0

    def run(self, until: Callable[[], bool]) -> PlayReport:
        """Publish states until something is so; the report then."""
        for _ in range(2000):
            if until():
                return self.report
            self.stamp_ns, sent = self.stamp_ns + round(PERIOD_S * 1e9), self.commands
            pose = PoseStamped(pose=tool_message(self.tool))
            for message, publisher in ((self.status, self._status), (pose, self._pose)):
                message.header.stamp, message.header.frame_id = time_from(self.stamp_ns), self.frame
                publisher.publish(message)
            self.client.spin(PERIOD_S)
            self.client.until(lambda sent=sent: self.commands > sent or self.rests)  # type: ignore[misc]
        raise AssertionError(f"it stays {self.report}")

    @property
    def report(self) -> PlayReport:
        return PlayReport.read(self.report_file)

    @property
    def rests(self) -> bool:
        """True when the player gives no answer: before its first command, and after its end."""
        return self.commands == 0 or self.report.phase.ended or self.player.poll() is not None

    def _on_command(self, m: ArmCommand) -> None:
        self.commands += 1
        self.tool = Pose((m.target.position.x, m.target.position.y, m.target.position.z))
        self.status.mode, self.status.source = ArmMode.STREAM, m.source

    def _on_hold(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self.holds += 1
        self.status.mode, self.status.source, response.success = ArmMode.HOLD, "", True
        return response


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    bag = path_bag(tmp_path / "bag", PLACES, [0.08] * len(PLACES))
    with own_domain() as domain:
        report = tmp_path / "play.json"
        program = ["-m", "zprl_episodes.ros.player_node"]
        player = start_node(domain, program, f"bag:={bag}", f"report:={report}", "speed:=1.0")
        client = LifecycleClient(domain, "policy")
        try:
            client.until(client.ready)
            yield Station(client, player, report)
        finally:
            if player.poll() is None:
                player.send_signal(signal.SIGINT)
            player.communicate(timeout=600)
            client.close()


def phase(one: Station, *phases: PlayPhase) -> Callable[[], bool]:
    return lambda: one.report.phase in phases


ENDED = (PlayPhase.DONE, PlayPhase.STOPPED)


def test_it_ends_with_a_call_of_hold_and_with_the_distances(station: Station) -> None:
    report = station.run(phase(station, *ENDED))
    assert report.phase == PlayPhase.DONE and report.time_max > 0.0
    station.run(lambda: station.holds > 0)
    sent = station.commands
    station.status.source = SOURCE  # whatever the arm says later
    for _ in range(10):
        station.run(iter((False, True)).__next__)
    assert station.holds == 1 and station.commands == sent


def test_after_a_deactivation_it_does_not_go_on(station: Station) -> None:
    station.run(phase(station, PlayPhase.PLAYING))
    assert station.client.change("deactivate")
    station.run(lambda: station.holds > 0)
    station.client.until(phase(station, *ENDED))
    assert station.client.change("activate")
    sent = station.commands
    for _ in range(10):
        station.run(iter((False, True)).__next__)
    assert station.commands == sent and station.report.reason == "the player node was deactivated"


def test_a_pose_in_another_frame_is_what_it_waits_for(station: Station) -> None:
    station.frame = "world"
    report = station.run(lambda: "'world'" in station.report.reason)
    assert report.phase == PlayPhase.WAITING and "is in frame 'world'" in report.reason
    station.frame = "fr3_link0"
    station.run(phase(station, PlayPhase.PLAYING))


def test_a_result_that_cannot_be_written_ends_the_node(station: Station) -> None:
    station.run(phase(station, PlayPhase.PLAYING))
    station.report_file.with_suffix(".new").mkdir()  # as a full disk
    station.run(lambda: station.player.poll() is not None)
    assert station.player.returncode == USER_ERROR
    said = station.player.communicate()[1].strip().splitlines()[-1]
    assert "the playback is done, but its result cannot be written: " in said and "; check what is at that path" in said
