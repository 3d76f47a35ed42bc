"""Maps terminal keys to commands. A terminal reports presses and repeats, but no releases. No ROS."""

from dataclasses import replace

from zprl_teleop.teleop_command import STILL, Event, InputThresholds, TeleopCommand, command_from

ENABLE, ESCAPE, ENTER = " ", "\x1b", "\r"
FIRST_REPEAT_S = 0.7  # a held key repeats within this time
SLOW = 0.2  # share of the speed with Shift
MOVES = {
    "w": (0, 1), "s": (0, -1), "a": (1, 1), "d": (1, -1), "r": (2, 1), "f": (2, -1),
    "u": (3, 1), "o": (3, -1), "i": (4, 1), "k": (4, -1), "j": (5, 1), "l": (5, -1),
}  # fmt: skip
GRIPPER = {"c": -1, "v": 1}
EVENTS = {
    "1": Event.ARM, "2": Event.HOLD, "3": Event.STOP, "4": Event.RECOVER, "5": Event.RELEASE, "0": Event.RESET,
    "7": Event.SUCCESS, "8": Event.FAILURE, "9": Event.DISCARD, ENTER: Event.CONFIRM, "\n": Event.CONFIRM,
    ESCAPE: Event.ESTOP,
}  # fmt: skip


def split(data: bytes) -> list[str]:
    """Split terminal input into keys. Arrow and function keys, which start with Escape, are dropped."""
    text = data.decode("ascii", "ignore")
    keys: list[str] = []
    while text:
        length = _sequence(text)
        if length == 1:
            keys.append(text[0])
        text = text[length:]
    return keys


def _sequence(text: str) -> int:
    """Length of the first key in characters. A sequence is Escape [ or O, parameters, then one letter or ~."""
    if len(text) < 3 or text[0] != ESCAPE or text[1] not in "[O":
        return 1
    end = 2
    while end < len(text) - 1 and text[end] in "0123456789;":
        end += 1
    return end + 1


class Keyboard:
    """Maps keys to commands. Motion lasts while its key repeats; the space bar toggles enable."""

    def __init__(self, key_s: float, enable_s: float):
        self.key_s, self.enable_s = key_s, enable_s
        self._enabled = self._slow = False
        self._note = ""
        self._seen_s: dict[str, float] = {}
        self._any_s = self._stopped_s = float("-inf")
        self._events: list[Event] = []

    def press(self, data: bytes, now_s: float) -> None:
        """Process terminal input."""
        for pressed in split(data):
            key = pressed.lower()
            if key in MOVES:
                self._slow = pressed != key
            before_s = self._stopped_s if key == ESCAPE else self._seen_s.get(key, float("-inf"))
            held = now_s - before_s < FIRST_REPEAT_S
            self._seen_s[key] = self._any_s = now_s
            if key == ENABLE:  # off at once, but a held bar must not enable again
                self._enabled = not self._enabled and not held
                self._note = ""
            elif key in EVENTS and not held:
                self._events.append(EVENTS[key])
                self._stopped_s = self._stopped(EVENTS[key], now_s)
            if EVENTS.get(key) in (Event.ESTOP, Event.STOP):
                self._enabled = False

    def command(self, now_s: float) -> TeleopCommand:
        """The command of this moment."""
        if self._enabled and now_s - self._any_s > self.enable_s:
            self._enabled, self._note = False, f"no key for {self.enable_s:g} s: press space to move again"
        events, self._events = tuple(self._events), []
        raw = list(STILL)
        for key, (axis, sign) in MOVES.items():
            raw[axis] += sign * self._alive(key, now_s) * (SLOW if self._slow else 1.0)
        gripper = sum(sign * self._alive(key, now_s) for key, sign in GRIPPER.items())
        command = command_from(raw, gripper, self._enabled, events, InputThresholds(0.0, 0.0))
        wanted = any(self._alive(key, now_s) for key in (*MOVES, *GRIPPER))
        note = "press space first" if wanted and not self._enabled else self._note
        return replace(command, note=note)

    def _stopped(self, event: Event, now_s: float) -> float:
        """Time of the last emergency stop request. Repeated presses renew it, at once after a release."""
        if event == Event.RELEASE:
            return float("-inf")
        return now_s if event == Event.ESTOP else self._stopped_s

    def _alive(self, key: str, now_s: float) -> int:
        return int(now_s - self._seen_s.get(key, float("-inf")) <= self.key_s)
