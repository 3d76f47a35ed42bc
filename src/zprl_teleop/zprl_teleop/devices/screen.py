"""The content of the operator's screen. No ROS."""

import textwrap
from collections import Counter
from dataclasses import dataclass, field

from zprl_teleop.teleop_command import TeleopCommand, Twist6

KEPT = 10  # answers
ROWS = 23  # of a terminal with 24; the last one holds the cursor
MOTION = (
    "w s  forward, back    u o  roll     space  enable: on, off",
    "a d  left, right      i k  pitch    c v    gripper: close, open",
    "r f  up, down         j l  yaw      Shift  with a letter: a fifth of the speed",
    "",
)
LED = ("space  enable: the arm repeats the motion    c v  gripper: close, open", "")
SERVICES = (
    "1 arm      2 hold     3 stop     4 recover    5 release    0 next episode",
    "7 success  8 failure  9 discard  Enter confirm  Esc EMERGENCY  Ctrl-C leaves",
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
    device: str = "keyboard"
    running: bool = False  # True during an episode
    detected: bool | None = None  # whether the task counts as done; None: nothing detects it
    demonstrations: int = -1  # successful episodes before these; -1: they are not counted
    ended: Counter[str] = field(default_factory=Counter)  # episodes by label
    answers: list[str] = field(default_factory=list)

    def log(self, line: str, clock: str) -> None:
        """Append a line to the log."""
        self.answers = [*self.answers, f"{clock}  {line}"][-KEPT:]

    def lines(self, command: TeleopCommand, speeds: Twist6) -> list[str]:
        """The screen from top to bottom."""
        speed = f"{self.linear:g} m/s, {self.angular:g} rad/s, in {self.frame}"
        head = [
            f"{f'zprl teleop: {self.device}':<26}{speed:>{WIDTH - 26}}",
            RULE,
            *_wrapped(f"input {_input(command, speeds, self.device)}", 6),
            *_wrapped(f"arm   {self.arm}", 6),
            *_wrapped(f"you   {self.prompt}", 6),
            *self._episodes(),
            RULE,
            *{"keyboard": MOTION, "pose": LED, "twist": LED}.get(self.device, ()),
            *SERVICES,
            RULE,
        ]
        answers = [line for answer in self.answers for line in _wrapped(answer, 10)]
        room = max(1, ROWS - len(head))
        return [*head, *answers[-room:]]

    def _episodes(self) -> list[str]:
        """The lines about the task and the demonstrations."""
        task = {None: "", True: "done: label it (7)", False: "not done"}[self.detected if self.running else None]
        so_far = self.demonstrations + self.ended["success"]
        others = [f"{self.ended[label]} {label}" for label in ("failure", "timeout", "discarded") if self.ended[label]]
        demos = "" if self.demonstrations < 0 else ", ".join((f"{so_far} recorded", *others))
        return [f"{name}{text}" for name, text in (("task  ", task), ("demos ", demos)) if text]


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent, drop_whitespace=True) or [""]


def _input(command: TeleopCommand, speeds: Twist6, device: str) -> str:
    if not command.enabled:
        idle = f"the {device} is at rest" if device in ("gamepad", "spacemouse") else "press space to move"
        return f"off        {command.note or idle}"
    moving = "  ".join(
        f"{name} {value:+.2f}"
        for name, value in zip(("x", "y", "z", "roll", "pitch", "yaw"), speeds, strict=True)
        if value
    )
    gripper = {-1: "gripper closes", 0: "", 1: "gripper opens"}[command.gripper]
    return f"ENABLED    {'  '.join(filter(None, (moving, gripper, command.note)))}"
