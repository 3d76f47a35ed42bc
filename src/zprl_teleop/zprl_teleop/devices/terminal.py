"""The terminal for keyboard input and screen output. No ROS."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from zprl_teleop.device import DeviceRefused
from zprl_teleop.devices.keyboard import Keyboard
from zprl_teleop.teleop_command import TeleopCommand

MOST = 1024  # bytes of one read
HOME, END_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
CLEAR = HOME + "\x1b[2J"


class Terminal:
    """Reads keys as they are pressed, without Enter and echo. Ctrl-C still ends the node."""

    def __init__(self, make_keys: Callable[[], Keyboard], keyboard: int | None = None, screen: int | None = None):
        self._make_keys = make_keys
        self._keyboard = _number(sys.stdin, keyboard)
        self._screen = _number(sys.stdout, screen)
        self._before: list[Any] | None = None
        self._paper = -1  # the screen, opened for non-blocking writes
        self._drawn: tuple[str, ...] = ()

    def open(self) -> None:
        """Raises DeviceRefused when there is no terminal, or the process may not read it."""
        if not (_is_terminal(self._keyboard) and _is_terminal(self._screen)):
            raise DeviceRefused(
                "the keyboard needs a terminal, and this node has none; start the node in a terminal of its own "
                "(ros2 run zprl_teleop teleop_node), or use device:=gamepad or device:=spacemouse"
            )
        if _in_background(self._keyboard):
            raise DeviceRefused("the keyboard cannot be read in the background: bring the node to the foreground")
        self._before = termios.tcgetattr(self._keyboard)
        tty.setcbreak(self._keyboard, termios.TCSAFLUSH)  # discards what was typed earlier
        mode = termios.tcgetattr(self._keyboard)
        mode[0] &= ~termios.IXON  # Ctrl-S would block the screen, and then the loop
        termios.tcsetattr(self._keyboard, termios.TCSANOW, mode)
        self._keys = self._make_keys()
        # A separate file description: the shell shares the other one and must find it unchanged.
        self._paper = os.open(os.ttyname(self._screen), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        self._write(CLEAR)

    def read(self, now_s: float) -> TeleopCommand:
        """Raises DeviceRefused when the terminal was closed."""
        try:
            if select.select([self._keyboard], [], [], 0)[0]:
                pressed = os.read(self._keyboard, MOST)
                if not pressed:
                    raise OSError("end of file")
                self._keys.press(pressed, now_s)
        except OSError:
            raise DeviceRefused("the terminal was closed") from None
        return self._keys.command(now_s)

    def draw(self, lines: Sequence[str], again: bool) -> None:
        """Show the lines, cut to the terminal's size. Unchanged lines are drawn only if `again`."""
        columns, rows = _size(self._screen)
        shown = tuple(line[:columns] for line in lines[: rows - 1])
        if shown != self._drawn or again:
            text = "".join(f"{line}{END_OF_LINE}\n" for line in shown)
            if self._write(f"{HOME}{text}{REST_OF_SCREEN}"):
                self._drawn = shown

    def close(self) -> None:
        """Restore the terminal."""
        if self._before is None:
            return
        with suppress(OSError, termios.error):  # the terminal was closed
            termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)
        self._before = None
        if self._paper >= 0:
            os.close(self._paper)
            self._paper = -1

    def _write(self, text: str) -> bool:
        """Write without blocking. False if the terminal does not accept all of it now."""
        data = text.encode()
        try:
            return os.write(self._paper, data) == len(data)
        except OSError:
            return False  # full, or closed: then the next read fails


def _number(stream: Any, given: int | None) -> int:
    if given is not None:
        return given
    try:
        return int(stream.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or not a file
        return -1


def _is_terminal(number: int) -> bool:
    return number >= 0 and os.isatty(number)


def _size(terminal: int) -> tuple[int, int]:
    """Columns and rows; 80 x 24 if the terminal does not report them."""
    try:
        columns, rows = os.get_terminal_size(terminal)
    except OSError:
        columns, rows = 0, 0
    return columns or 80, rows or 24


def _in_background(terminal: int) -> bool:
    """True for a background job of a shell, where reading would stop the process."""
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:
        return False  # not our controlling terminal, so reading does not stop the process
