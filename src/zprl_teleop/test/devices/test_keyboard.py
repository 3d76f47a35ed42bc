"""Keys as a hand, the terminal over a pseudo terminal, and the screen."""

import os
import pty
import select
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_teleop.device import DeviceRefused, ReconnectingDevice
from zprl_teleop.devices.keyboard import SLOW, Keyboard, split
from zprl_teleop.devices.screen import KEPT, MOTION, ROWS, SERVICES, WIDTH, View
from zprl_teleop.devices.terminal import Terminal
from zprl_teleop.teleop_command import STILL, Event, TeleopCommand


def keys(enabled: bool = True) -> Keyboard:
    made = Keyboard(key_s=0.2, enable_s=10.0)
    if enabled:
        made.press(b" ", 0.0)
    return made


def test_a_key_moves_while_it_repeats() -> None:
    k = keys()
    k.press(b"w", 1.0)
    assert k.command(1.2) == TeleopCommand((1, 0, 0, 0, 0, 0), 0, True, True)
    assert k.command(1.21) == TeleopCommand(enabled=True)  # between the press and the first repeat it rests
    for i in range(10):
        k.press(b"w", 1.5 + 0.03 * i)
        assert k.command(1.5 + 0.03 * i).touched
    assert not k.command(2.0).touched  # 1.77 was the last: 0.23 s ago


@pytest.mark.parametrize(
    ("key", "twist"),
    [
        (b"w", (1, 0, 0, 0, 0, 0)), (b"s", (-1, 0, 0, 0, 0, 0)), (b"a", (0, 1, 0, 0, 0, 0)),
        (b"d", (0, -1, 0, 0, 0, 0)), (b"r", (0, 0, 1, 0, 0, 0)), (b"f", (0, 0, -1, 0, 0, 0)),
        (b"u", (0, 0, 0, 1, 0, 0)), (b"o", (0, 0, 0, -1, 0, 0)), (b"i", (0, 0, 0, 0, 1, 0)),
        (b"k", (0, 0, 0, 0, -1, 0)), (b"j", (0, 0, 0, 0, 0, 1)), (b"l", (0, 0, 0, 0, 0, -1)),
        (b"wa", (1, 1, 0, 0, 0, 0)), (b"ws", STILL),
    ],
)  # fmt: skip
def test_each_key_has_its_direction(key: bytes, twist: tuple[float, ...]) -> None:
    k = keys()
    k.press(key, 1.0)
    assert k.command(1.0).twist == twist


def test_shift_moves_at_a_fifth_of_the_speed() -> None:
    k = keys()
    k.press(b"W", 1.0)
    assert k.command(1.0).twist == (SLOW, 0.0, 0.0, 0.0, 0.0, 0.0) and k.command(1.0).touched
    k.press(b"w", 1.1)
    assert k.command(1.1).twist[0] == 1.0
    k.press(b"D", 1.15)
    assert k.command(1.15).twist[:2] == (SLOW, -SLOW)  # the newest key decides


def test_the_gripper() -> None:
    k = keys()
    k.press(b"c", 1.0)
    assert (k.command(1.0).gripper, k.command(1.0).touched) == (-1, True)
    k.press(b"v", 2.0)
    assert (k.command(2.0).gripper, k.command(2.3).gripper) == (1, 0)


def test_nothing_moves_before_the_space_bar() -> None:
    k = keys(enabled=False)
    k.press(b"wc", 1.0)
    assert k.command(1.0) == TeleopCommand(note="press space first")
    k.press(b" ", 1.5)
    assert k.command(1.5) == TeleopCommand(enabled=True)


def test_off_is_immediate_and_a_held_space_bar_ends_off() -> None:
    k = keys()
    k.press(b" ", 0.1)
    assert not k.command(0.1).enabled
    k = keys(enabled=False)
    k.press(b" ", 1.0)
    for i in range(20):  # held: repeats from 0.5 s on
        k.press(b" ", 1.5 + 0.03 * i)
        assert not k.command(1.5 + 0.03 * i).enabled


def test_enabled_ends_when_nobody_presses_a_key() -> None:
    k = keys()
    assert k.command(10.0).enabled
    assert k.command(10.1) == TeleopCommand(note="no key for 10 s: press space to move again")
    k.press(b" ", 11.0)
    assert k.command(11.0) == TeleopCommand(enabled=True)


@pytest.mark.parametrize(
    ("key", "event"),
    [
        (b"1", Event.ARM), (b"2", Event.HOLD), (b"3", Event.STOP), (b"4", Event.RECOVER), (b"5", Event.RELEASE),
        (b"0", Event.RESET), (b"7", Event.SUCCESS), (b"8", Event.FAILURE), (b"9", Event.DISCARD),
        (b"\n", Event.CONFIRM), (b"\r", Event.CONFIRM),
    ],
)  # fmt: skip
def test_each_event_has_a_key_that_asks_once(key: bytes, event: Event) -> None:
    k = keys(enabled=False)
    k.press(key, 1.0)
    for i in range(20):  # held
        k.press(key, 1.5 + 0.03 * i)
    assert k.command(2.1).events == (event,) and k.command(2.1).events == ()
    k.press(key, 3.0)
    assert k.command(3.0).events == (event,)


def test_an_emergency_stop_asks_again_when_it_is_held_hammered_or_was_released() -> None:
    """A press cannot be told from a repeat: one question in 0.7 s, but none is waited for after a release."""
    k = keys()
    asked = []
    for now_s, key in ((1.0, b"\x1b"), (1.4, b"\x1b"), (1.8, b"\x1b"), (2.0, b"\x1b5\x1b"), (2.2, b"\x1b")):
        k.press(key, now_s)
        asked.append(k.command(now_s).events)
    assert asked == [(Event.ESTOP,), (), (Event.ESTOP,), (Event.RELEASE, Event.ESTOP), ()]


@pytest.mark.parametrize("key", [b"\x1b", b"3"])
def test_a_stop_also_lets_go(key: bytes) -> None:
    k = keys()
    k.press(key + b"w", 1.0)
    assert not k.command(1.0).enabled and k.command(1.0).twist == STILL


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"wA", ["w", "A"]),
        (b"\x1b[A\x1bOPw\x1b[15~\x1b[1;5C", ["w"]),  # arrow up, F1, w, F5, ctrl-arrow
        (b"\x1b", ["\x1b"]),
        (b"\x1bw", ["\x1b", "w"]),  # Alt-w, or Escape and then w: the safe meaning
        (b"\x1b[", ["\x1b", "["]),
        (b"\xff\x80\xc3\xa4", []),
    ],
)
def test_arrows_and_function_keys_are_no_emergency_stop(data: bytes, expected: list[str]) -> None:
    assert split(data) == expected


@given(st.lists(st.binary(max_size=1024), max_size=20))
def test_whatever_is_typed_is_a_hand(data_of_each_look: list[bytes]) -> None:
    k = keys()
    for i, data in enumerate(data_of_each_look):
        k.press(data, 0.05 * i)
        k.command(0.05 * i)  # a TeleopCommand checks itself


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The person's end and the node's end."""
    person, node = pty.openpty()
    yield person, node
    for end in (person, node):
        with suppress(OSError):  # the test closed it
            os.close(end)


def typed(terminal: tuple[int, int], keys: bytes) -> None:
    """Type, and wait until it has come through."""
    person, node = terminal
    os.write(person, keys)
    assert select.select([node], [], [], 10.0)[0]


def seen(person: int, end: str) -> str:
    """What the person sees, up to the end of a picture."""
    text = ""
    while not text.endswith(end):
        assert select.select([person], [], [], 10.0)[0], text
        text += os.read(person, 4096).decode()
    return text


def test_keys_come_without_enter_and_the_terminal_is_given_back(terminal: tuple[int, int]) -> None:
    _, node = terminal
    before = termios.tcgetattr(node)
    typed(terminal, b"1\n")  # before the node was there
    plug = ReconnectingDevice(Terminal(keys, node, node), 0.5)
    assert plug.read(0.0) == TeleopCommand(enabled=True)
    assert before[0] & termios.IXON and not termios.tcgetattr(node)[0] & termios.IXON  # Ctrl-S stops no screen
    typed(terminal, b"w")
    assert plug.read(1.0) == TeleopCommand((1, 0, 0, 0, 0, 0), 0, True, True)
    assert not termios.tcgetattr(node)[3] & (termios.ICANON | termios.ECHO)
    assert termios.tcgetattr(node)[3] & termios.ISIG  # Ctrl-C still ends the node
    plug.close()
    assert termios.tcgetattr(node) == before
    plug.close()


def test_a_terminal_that_is_closed_ends_it(terminal: tuple[int, int]) -> None:
    person, node = terminal
    plug = ReconnectingDevice(Terminal(keys, node, node), 0.5)
    plug.read(0.0)
    os.close(person)
    with pytest.raises(DeviceRefused, match="the terminal was closed"):
        plug.read(0.1)
    plug.close()


def test_without_a_terminal_the_error_names_the_ways_out() -> None:
    reading, writing = os.pipe()
    with pytest.raises(DeviceRefused, match=r"needs a terminal.*teleop_node.*device:=gamepad"):
        Terminal(keys, reading, writing).open()
    os.close(reading)
    os.close(writing)


def test_the_screen_is_drawn_when_it_changes(terminal: tuple[int, int]) -> None:
    person, node = terminal
    screen = Terminal(keys, node, node)
    screen.open()
    seen(person, "\x1b[2J")
    screen.draw(["one", "x" * 200], again=False)
    drawn = seen(person, "\x1b[J")
    assert "one" in drawn and "x" * 79 in drawn and "x" * 81 not in drawn  # cut to 80 columns
    screen.draw(["one", "x" * 200], again=False)
    screen.draw(["two"], again=False)
    assert seen(person, "\x1b[J").count("\x1b[H") == 1
    screen.close()


def test_a_terminal_that_takes_nothing_does_not_hold_the_loop(terminal: tuple[int, int]) -> None:
    _, node = terminal
    screen = Terminal(keys, node, node)
    screen.open()
    for i in range(2000):  # nobody reads: far more than a terminal's buffer
        screen.draw([f"line {i} " + "x" * 60] * 20, again=True)
    screen.close()


def test_what_the_screen_says() -> None:
    view = View("fr3_link0", 0.1, 0.5, arm="HOLD", prompt="prepare the scene, then confirm")
    for i in range(KEPT + 2):
        view.log(f"answer {i}", "12:00:00")
    lines = view.lines(TeleopCommand((1, 0, 0, 0, 0, 0), -1, True, True), (0.1, 0, 0, 0, 0, -0.25))
    text = "\n".join(lines)
    assert "input ENABLED    x +0.10  yaw -0.25  gripper closes" in text
    assert "you   prepare the scene, then confirm" in text
    assert lines[-1].endswith("answer 11") and "answer 1\n" not in text
    view.arm = view.prompt = "why " * 40
    view.log("because " * 30, "12:00:01")
    lines = view.lines(TeleopCommand(), STILL)
    assert len(lines) <= ROWS and all(
        len(line) <= WIDTH for line in (*lines, *MOTION, *SERVICES)
    )  # a terminal of 80 x 24
    assert sum(line.count("why") for line in lines) == 80 and lines[-1].endswith("because")
    assert "input off        press space to move" in view.lines(TeleopCommand(), STILL)


def test_the_screen_tells_task_and_demonstrations_where_they_are_recorded() -> None:
    view = View("fr3_link0", 0.1, 0.5)
    assert not [line for line in view.lines(TeleopCommand(), STILL) if line.startswith(("task", "demos"))]
    view.demonstrations, view.detected, view.running = 3, True, True
    view.ended.update(success=2, discarded=1)
    lines = view.lines(TeleopCommand(), STILL)
    assert "task  done: label it (7)" in lines and "demos 5 recorded, 1 discarded" in lines
    view.running = False
    assert not any(line.startswith("task") for line in view.lines(TeleopCommand(), STILL))


def test_the_screen_of_another_device_has_the_keys_of_services_only() -> None:
    lines = View("fr3_link0", 0.1, 0.5, device="gamepad").lines(TeleopCommand(), STILL)
    assert lines[0].startswith("zprl teleop: gamepad ") and set(SERVICES) <= set(lines) and MOTION[0] not in lines
    assert "input off        the gamepad is at rest" in lines
