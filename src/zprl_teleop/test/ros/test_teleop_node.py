"""Teleoperation and operator node from outside: keys in a pseudo terminal, Joy messages, services, exit codes."""

import os
import pty
import subprocess
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from sensor_msgs.msg import Joy  # noqa: E402
from std_msgs.msg import String  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from listener import Listener, start_node, stop_node  # noqa: E402
from zprl_core.ros import qos  # noqa: E402
from zprl_episodes.operator_prompt import TIDY  # noqa: E402
from zprl_msgs.msg import ArmStatus, EpisodeEvent, Teleop  # noqa: E402
from zprl_msgs.srv import LabelEpisode, Reset  # noqa: E402

pytestmark = pytest.mark.ros

KEYBOARD_DOMAIN = 10 + os.getpid() % 14  # one teleoperation node each
JOY_DOMAIN = KEYBOARD_DOMAIN + 14
TELEOP = "from zprl_teleop.ros.teleop_node import main; main()"
OPERATOR = "from zprl_episodes.ros.operator_node import main; main()"
IN_TERMINAL = "import os; f = os.open({path!r}, os.O_RDWR | os.O_NOCTTY); os.dup2(f, 0); os.dup2(f, 1); "
REST, PULLED_UP = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


@dataclass
class EpisodeHarness:
    """The person at a keyboard, an arm that says how it is, and the two nodes between them."""

    client: Listener
    person: int  # the person's end of the terminal
    node: int
    status: Any
    events: Any
    screen: str = ""
    asked: list[str] = field(default_factory=list)  # of the arm

    def until(self, condition: Callable[[], Any], keys: bytes = b"") -> None:
        """Wait, with keys held meanwhile; the arm tells its mode."""

        def look() -> Any:
            self.status.publish(ArmStatus(mode=ArmStatus.HOLD))
            if keys:
                os.write(self.person, keys)
            self.read()
            return condition()

        self.client.until(look)

    def read(self) -> None:
        with suppress(BlockingIOError):
            self.screen = (self.screen + os.read(self.person, 1 << 16).decode())[-4000:]

    def newest(self) -> Teleop:
        return self.client.heard["teleop"][-1]


@pytest.fixture(scope="module")
def room() -> Iterator[EpisodeHarness]:
    person, node = pty.openpty()
    os.set_blocking(person, False)
    before = termios.tcgetattr(node)
    client = Listener(KEYBOARD_DOMAIN)
    client.hear(Teleop, "teleop", 10)
    status = client.node.create_publisher(ArmStatus, "arm/status", qos.STATE)
    made = EpisodeHarness(
        client, person, node, status, client.node.create_publisher(EpisodeEvent, "episode/event", qos.LATCHED)
    )
    processes = [
        start_node(KEYBOARD_DOMAIN, ["-c", OPERATOR]),
        start_node(KEYBOARD_DOMAIN, ["-c", IN_TERMINAL.format(path=os.ttyname(node)) + TELEOP]),
    ]
    try:
        made.until(lambda: client.heard["teleop"] and "arm   HOLD" in made.screen and "request the next" in made.screen)
        yield made
    finally:
        codes = [stop_node(process) for process in reversed(processes)]
        client.until(lambda: not (made.newest().enabled or made.newest().touched))
        after = termios.tcgetattr(node)
        last = made.newest()
        client.close()
        os.close(person)
        os.close(node)
    assert codes == [0, 0] and after == before
    assert not (last.enabled or last.touched) and last.twist.linear.x == 0.0


def test_a_key_moves_only_after_the_space_bar(room: EpisodeHarness) -> None:
    room.until(lambda: "press space first" in room.screen, keys=b"w")
    assert not room.newest().touched and room.newest().twist.linear.x == 0.0
    os.write(room.person, b" ")
    room.until(lambda: room.newest().enabled)
    room.until(lambda: room.newest().touched, keys=b"w")
    told = room.newest()
    assert (told.device, told.header.frame_id, told.gripper) == ("keyboard", "fr3_link0", 0)
    assert told.twist.linear.x == pytest.approx(0.1) and told.twist.linear.y == told.twist.angular.z == 0.0
    room.until(lambda: not room.newest().touched)
    assert room.newest().enabled
    os.write(room.person, b" ")
    room.until(lambda: not room.newest().enabled)


def test_the_guided_reset_from_the_question_to_the_enter_key(room: EpisodeHarness) -> None:
    scene = room.client.node.create_client(Reset, "scene/reset")
    room.until(scene.service_is_ready)

    def ask() -> Reset.Response:
        call = scene.call_async(Reset.Request(seed=5))
        room.until(call.done)
        return call.result()

    os.write(room.person, b"\n")  # too early
    room.until(lambda: "confirm: no reset is waiting" in room.screen)
    answer = ask()
    assert (answer.success, answer.pending, answer.message) == (False, True, TIDY)
    room.until(lambda: f"you   {TIDY}" in room.screen)
    assert ask().pending
    room.client.spin(0.8)  # the same key within 0.7 s would be one that is held
    os.write(room.person, b"\n")
    room.until(lambda: "confirm: confirmed; the episode starts" in room.screen)
    room.until(lambda: "you   nothing: the episode starts" in room.screen)
    assert ask().success
    room.events.publish(EpisodeEvent(robot="robot", episode=12, kind=EpisodeEvent.STARTED))
    room.until(lambda: "you   episode 12 is running: label it success, failure or discard" in room.screen)


def test_keys_ask_the_arm_and_say_who_is_missing(room: EpisodeHarness) -> None:
    def arm(request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        room.asked.append("arm")
        response.message = "release the emergency stop first"
        return response

    service = room.client.node.create_service(Trigger, "arm/enable", arm)
    os.write(room.person, b"47")
    room.until(lambda: "recover: arm/recover is not available; start the arm node" in room.screen)
    room.until(lambda: "success: episode/label is not available; start the episode node" in room.screen)
    while "arm: release the emergency stop first" not in room.screen:  # at first the node has not discovered the arm
        os.write(room.person, b"1")
        room.client.spin(0.8)  # the same key within 0.7 s would be one that is held
        room.read()
    assert set(room.asked) == {"arm"}
    room.client.node.destroy_service(service)


def test_the_prompt_is_there_for_who_comes_late(room: EpisodeHarness) -> None:
    room.client.hear(String, "operator/prompt", qos.LATCHED)
    room.until(lambda: room.client.heard["operator/prompt"])


def test_a_simulation_that_offers_the_same_service_is_noticed(room: EpisodeHarness) -> None:
    room.client.hear(DiagnosticArray, "/diagnostics", 10)

    def trouble() -> list[str]:
        return [s.message for m in room.client.heard["/diagnostics"] for s in m.status if s.name == "/operator"]

    room.until(lambda: trouble()[-1:] == [""])
    other = room.client.node.create_service(Reset, "scene/reset", lambda request, response: response)
    room.until(lambda: trouble()[-1].startswith("scene/reset is offered twice"))
    room.client.node.destroy_service(other)


GAMEPAD = ("device:=gamepad", "silence_s:=0.3", "look_s:=0.05", "frame:=base_link")


@dataclass
class Pads:
    """A gamepad's driver, an episode node, and the teleoperation node between them."""

    client: Listener
    joy: Any
    labels: list[int]

    def held(self, axes: list[float], *buttons: int) -> Callable[[], None]:
        """The driver sends on and on, as joy_node does."""
        return lambda: self.joy.publish(Joy(axes=axes, buttons=[int(n in buttons) for n in range(11)]))

    def until(self, condition: Callable[[], Any], drive: Callable[[], None]) -> None:
        def look() -> Any:
            drive()
            return condition()

        self.client.until(look)

    def newest(self) -> Teleop:
        return self.client.heard["teleop"][-1]

    def trouble(self) -> str:
        mine = [s for m in self.client.heard["/diagnostics"] for s in m.status if s.name == "/teleop"]
        return mine[-1].message if mine else "none yet"


@pytest.fixture
def pads() -> Iterator[Pads]:
    client = Listener(JOY_DOMAIN)
    client.hear(Teleop, "teleop", 10)
    client.hear(DiagnosticArray, "/diagnostics", 10)
    labels: list[int] = []

    def label(request: LabelEpisode.Request, response: LabelEpisode.Response) -> LabelEpisode.Response:
        labels.append(request.label)
        response.success = True
        return response

    client.node.create_service(LabelEpisode, "episode/label", label)
    process = start_node(JOY_DOMAIN, ["-c", TELEOP], *GAMEPAD)
    try:
        yield Pads(client, client.node.create_publisher(Joy, "joy", 10), labels)
    finally:
        code = stop_node(process)
        client.close()
    assert code == 0


def test_a_gamepad_that_is_unplugged_and_comes_back(pads: Pads) -> None:
    rest, push = pads.held(REST), pads.held(PULLED_UP, 4)
    pads.until(lambda: pads.client.heard["teleop"], rest)
    pads.until(lambda: pads.newest().touched, push)
    assert pads.newest().twist.linear.x == pytest.approx(0.1) and pads.newest().device == "gamepad"
    assert pads.newest().header.frame_id == "base_link"
    pads.until(lambda: pads.labels, pads.held(REST, 7))
    assert pads.labels == [LabelEpisode.Request.SUCCESS]  # held, and asked for once

    pads.until(lambda: pads.newest().touched, push)
    pads.client.until(lambda: not pads.newest().enabled)  # unplugged: one message of rest, and silence
    count = len(pads.client.heard["teleop"])
    pads.client.until(lambda: pads.trouble().startswith("no messages on joy"))
    assert len(pads.client.heard["teleop"]) == count
    assert not pads.newest().touched and pads.newest().twist.linear.x == 0.0

    pads.until(lambda: len(pads.client.heard["teleop"]) > count + 5, push)  # back, with the stick still pushed
    assert not any(m.touched for m in pads.client.heard["teleop"][count:])
    pads.until(lambda: pads.trouble() == "let go of the device first", push)
    pads.until(lambda: pads.trouble() == "", rest)
    pads.until(lambda: pads.newest().touched, push)


def test_without_a_terminal_the_node_ends_with_one_line() -> None:
    program = "import os; os.dup2(os.open(os.devnull, os.O_RDONLY), 0); " + TELEOP
    process = start_node(JOY_DOMAIN, ["-c", program])
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 2 and "the keyboard needs a terminal, and this node has none" in errors
    assert "Traceback" not in errors and len(errors.strip().splitlines()) == 1


def test_a_terminal_that_is_closed_ends_the_node() -> None:
    person, node = pty.openpty()
    client = Listener(JOY_DOMAIN)
    client.hear(Teleop, "teleop", 10)
    process: subprocess.Popen[str] = start_node(JOY_DOMAIN, ["-c", IN_TERMINAL.format(path=os.ttyname(node)) + TELEOP])
    try:
        client.until(lambda: client.heard["teleop"])
        os.close(node)
        os.close(person)
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 2 and "the terminal was closed" in errors
    finally:
        process.kill()
        client.close()
