"""The content of the keyboard's screen. No ROS."""

import textwrap
from dataclasses import dataclass, field

from zprl_teleop.teleop_command import TeleopCommand, Twist6

KEPT = 10  # answers
ROWS = 23  # of a terminal with 24; the last one holds the cursor
HELP = (
    "w s  forward, back    u o  roll     space  enable: on, off",
    "a d  left, right      i k  pitch    c v    gripper: close, open",
    "r f  up, down         j l  yaw      Esc    EMERGENCY STOP (5 releases it)",
    "",
    "1 arm      2 hold     3 stop     4 recover    5 release    0 next episode",
    "7 success  8 failure  9 discard  Enter confirm             Ctrl-C leaves",
)
WIDTH = 78
RULE = "-" * WIDTH


@dataclass
class View:
    """The values that the screen shows."""

    frame: str
    linear: float  # [m/s]
    angular: float  # [rad/s]
    arm: str = "no status yet"
    prompt: str = "no prompt yet: is the operator node running?"
    answers: list[str] = field(default_factory=list)

    def log(self, line: str, clock: str) -> None:
        """Append a line to the log."""
        self.answers = [*self.answers, f"{clock}  {line}"][-KEPT:]

    def lines(self, command: TeleopCommand, speeds: Twist6) -> list[str]:
        """The screen from top to bottom."""
        speed = f"{self.linear:g} m/s, {self.angular:g} rad/s, in {self.frame}"
        head = [
            f"{'zprl teleop: keyboard':<24}{speed:>{WIDTH - 24}}",
            RULE,
            *_wrapped(f"input {_input(command, speeds)}", 6),
            *_wrapped(f"arm   {self.arm}", 6),
            *_wrapped(f"you   {self.prompt}", 6),
            RULE,
            *HELP,
            RULE,
        ]
        answers = [line for answer in self.answers for line in _wrapped(answer, 10)]
        room = max(1, ROWS - len(head))
        return [*head, *answers[-room:]]


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent, drop_whitespace=True) or [""]


def _input(command: TeleopCommand, speeds: Twist6) -> str:
    if not command.enabled:
        return f"off        {command.note or 'press space to move'}"
    moving = "  ".join(
        f"{name} {value:+.2f}"
        for name, value in zip(("x", "y", "z", "roll", "pitch", "yaw"), speeds, strict=True)
        if value
    )
    gripper = {-1: "gripper closes", 0: "", 1: "gripper opens"}[command.gripper]
    return f"ENABLED    {'  '.join(filter(None, (moving, gripper, command.note)))}"
