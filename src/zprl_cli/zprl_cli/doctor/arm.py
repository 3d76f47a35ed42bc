"""Checks that a Franka arm answers, speaks the installed library's protocol and is ready; optionally its gripper."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from zprl_cli.doctor.check import Finding, Verdict, fail, ok, skipped, warn
from zprl_cli.doctor.child_process import Silent, call
from zprl_hardware.franka.probe import ArmReading, GripperReading, HandReading

REACH, STATE, HAND, GRIPPER = "arm", "arm's state", "arm's hand", "gripper"
FCI_PORT = 1337
CONNECT_S, ANSWER_S = 3.0, 15.0
PROBE = "zprl_hardware.franka.probe"
LIBRARY = "if franky does not load: make build"
SLOW_MS = 2.0  # a direct cable takes 0.2 ms; Franka requires a cycle within 1 ms
NEAR_M = 0.002
WHEELS = "https://timschneider42.github.io/franky/getting-started/faq.html"
OURS = 10  # the server version of franky-control 2.0.0, which brings libfranka 0.21.2

# Franka's compatibility matrix: server version, the first libfranka that speaks it, arms that have it.
SERVERS = {
    10: ((0, 18, 0), "an FR3 with system 5.9 or later"),
    9: ((0, 15, 0), "an FR3 with system 5.7.2 or later"),
    8: ((0, 14, 1), "an FR3 with system 5.7.0"),
    7: ((0, 13, 3), "an FR3 with system 5.5"),
    6: ((0, 10, 0), "an FR3 with system 5.2"),
    5: ((0, 9, 1), "a Panda with system 4.2.1 or later"),
    4: ((0, 8, 0), "a Panda with system 4.0"),
    3: ((0, 5, 0), "a Panda with system 1.3 to 3"),
}


class Trouble(Enum):
    """Reasons why a port cannot be reached."""

    REFUSED = "refuses the connection"
    SILENT = "does not answer"
    UNKNOWN = "is not a valid name or address"
    NO_WAY = "cannot be reached"


@dataclass(frozen=True)
class Reach:
    """A TCP connection to the FCI's port."""

    took_ms: float = 0.0
    trouble: Trouble | None = None


def look(hostname: str) -> Iterator[Finding]:
    """Check a real arm, or a server in its place."""
    reach = probe(hostname)
    yield judge_reach(hostname, reach)
    if reach.trouble:
        yield skipped(STATE, "no answer")
        return
    yield from _arm(hostname)


def look_simulated(hostname: str) -> Iterator[Finding]:
    """Check the port of the simulated FCI, which should be free for `zprl up`."""
    reach = probe(hostname)
    yield judge_simulated(hostname, reach)
    if reach.trouble:
        yield skipped(STATE, "no answer yet")
        return
    yield from _arm(hostname)


def look_gripper(hostname: str) -> Iterator[Finding]:
    """Check that the gripper moves."""
    if probe(hostname).trouble:
        yield skipped(GRIPPER, "no answer")
        return
    try:
        yield judge_gripper(GripperReading(**call(PROBE, "gripper", hostname, seconds=ANSWER_S)))
    except Silent as error:
        yield fail(GRIPPER, str(error), f"reconnect the hand's cable; is it set up in Desk? {LIBRARY}")


def _state(hostname: str) -> Finding:
    try:
        told = call(PROBE, "arm", hostname, seconds=ANSWER_S)
    except Silent as error:
        return fail(STATE, str(error), f"is {hostname} really the arm's controller? Restart it in Desk; {LIBRARY}")
    return judge_state(ArmReading(**{**told, "errors": tuple(told["errors"])}))


def _arm(hostname: str) -> Iterator[Finding]:
    """Look at the arm's state, and at the hand of an arm that answers."""
    state = _state(hostname)
    yield state
    yield skipped(HAND, "the arm comes first") if state.verdict is Verdict.FAIL else _hand(hostname)


def _hand(hostname: str) -> Finding:
    try:
        return judge_hand(HandReading(**call(PROBE, "hand", hostname, seconds=ANSWER_S)))
    except Silent as error:
        return fail(HAND, str(error), f"reconnect the hand's cable; is it set up in Desk? {LIBRARY}")


def judge_hand(reading: HandReading) -> Finding:
    """Judge whether the hand answers and is homed."""
    if reading.trouble:
        remedy = "end the program that drives it; check its cable and Desk; without a hand set franky.hand to false"
        return warn(HAND, f"no answer: {reading.trouble}", remedy)
    if not reading.homed:
        found = f"not homed (its greatest width is {1e3 * reading.max_width:.0f} mm): it refuses to move"
        return warn(HAND, found, "clear its fingers; arm/enable homes it, or call arm/home_gripper, or home it in Desk")
    holds = ", holds an object" if reading.grasped else ""
    return ok(HAND, f"homed, {1e3 * reading.width:.0f} of {1e3 * reading.max_width:.0f} mm open{holds}")


def judge_reach(hostname: str, reach: Reach) -> Finding:
    """Judge the connection to the FCI's port."""
    where = f"{hostname}:{FCI_PORT}"
    if reach.trouble is None:
        found = f"{where} answers after {reach.took_ms:.1f} ms"
        remedy = "connect the arm's controller to this machine by a direct cable: no switch, no wireless"
        return ok(REACH, found) if reach.took_ms <= SLOW_MS else warn(REACH, found, remedy)
    remedies = {
        Trouble.REFUSED: "in Desk unlock the joints and activate FCI; without an arm use --robot fci-sim",
        Trouble.SILENT: f"check the cable (ping {hostname}); --hostname is the address of the arm's controller",
        Trouble.UNKNOWN: "give the address of the arm's controller as --hostname",
        Trouble.NO_WAY: f"give this machine an address in the network of {hostname} (ip addr); check the cable",
    }
    return fail(REACH, f"{where} {reach.trouble.value}", remedies[reach.trouble])


def judge_simulated(hostname: str, reach: Reach) -> Finding:
    """Judge the port of the simulated FCI: two servers cannot share it."""
    where = f"{hostname}:{FCI_PORT}"
    if reach.trouble == Trouble.REFUSED:
        return ok(REACH, f"{where} is free for the server that zprl up starts")
    if reach.trouble is not None:
        return fail(REACH, f"{where} {reach.trouble.value}", "give an address of this machine, or omit --hostname")
    found = f"a server already answers at {where}; zprl up --robot fci-sim starts its own there"
    return warn(REACH, found, f"end it, or connect to it: zprl up --robot franky --hostname {hostname}")


def judge_state(reading: ArmReading) -> Finding:
    """Judge version, mode and errors."""
    if reading.trouble:
        return _judge_trouble(reading)
    found = f"server version {speaks(reading.libfranka)}, fits {_library(reading)}; mode {reading.mode}"
    if reading.errors:
        found += f", {', '.join(reading.errors)}"
    if reading.mode == "Idle" and not reading.errors:
        return ok(STATE, found)
    remedies = {
        "UserStopped": "release the stop button (lights white or blue), then call arm/recover",
        "Move": "another program moves the arm: end it",
        "Guiding": "let go of the guiding button",
        "Other": "unlock the joints in Desk",
    }
    remedy = remedies.get(reading.mode, "call arm/recover once the graph runs, or clear the error in Desk")
    return (fail if reading.mode in remedies else warn)(STATE, found, remedy)


def _judge_trouble(reading: ArmReading) -> Finding:
    server = server_version(reading.trouble)
    if server is not None:
        first, arm = SERVERS.get(server, ((), "unknown to this doctor"))
        since = f" (libfranka {'.'.join(map(str, first))} or the next ones)" if first else ""
        found = f"server version {server}, {arm}; {_library(reading)} speaks {speaks(reading.libfranka)}"
        remedy = f"install franky's wheel for server version {server}{since}: {WHEELS}"
        if server == OURS:
            remedy = "pip install franky-control==2.0.0"
        return fail(STATE, found, remedy)
    found = f"it closes the driver's connection: {reading.trouble}"
    return fail(STATE, found, "one process owns the arm: stop the arm node or other driver")


def judge_gripper(reading: GripperReading) -> Finding:
    """Judge the gripper's motion in both directions."""
    if reading.trouble:
        remedy = "remove what it holds; home the gripper in Desk; check its cable"
        return fail(GRIPPER, f"did not move: {reading.trouble}", remedy)
    before, asked, reached, after = (1e3 * w for w in (reading.before, reading.asked, reading.reached, reading.after))
    found = f"{before:.0f} to {reached:.0f} mm in {reading.there_s:.1f} s, back in {reading.back_s:.1f} s"
    if abs(reached - asked) <= 1e3 * NEAR_M and abs(after - before) <= 1e3 * NEAR_M:
        return ok(GRIPPER, found)
    return fail(GRIPPER, f"{found}; requested {asked:.0f} mm and back", "home the gripper in Desk; clear its fingers")


def server_version(text: str) -> int | None:
    """The arm's server version from libfranka's error; None for another error."""
    found = re.search(r"server version: (\d+)", text)
    return int(found.group(1)) if found else None


def speaks(libfranka: str) -> str:
    """The server version that a libfranka speaks, by its version."""
    if not re.fullmatch(r"\d+(\.\d+)+", libfranka):
        return "unknown"
    mine = tuple(map(int, libfranka.split(".")))
    return next((str(server) for server, (first, _) in SERVERS.items() if mine >= first), "unknown")


def _library(reading: ArmReading) -> str:
    return f"franky {reading.franky} (libfranka {reading.libfranka})"


def probe(hostname: str, port: int = FCI_PORT, timeout_s: float = CONNECT_S) -> Reach:
    """Connect to the port and close the connection."""
    try:
        address = socket.gethostbyname(hostname)
        began = time.perf_counter()  # excludes the time of name resolution
        with socket.create_connection((address, port), timeout_s):
            return Reach(1e3 * (time.perf_counter() - began))
    except ConnectionRefusedError:
        return Reach(trouble=Trouble.REFUSED)
    except TimeoutError:
        return Reach(trouble=Trouble.SILENT)
    except (socket.gaierror, UnicodeError):
        return Reach(trouble=Trouble.UNKNOWN)
    except OSError:
        return Reach(trouble=Trouble.NO_WAY)
