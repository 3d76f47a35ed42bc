"""The doors of arm and cameras: a day of commands, hands, buttons and mishaps; station and calibration files."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

from adversary import Excess
from fuzz_target import Enter, FuzzTarget
from mutators import doubles, mutate, mutated_json, seeds, words
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.station import load_station
from zprl_control.driver import ArmLost, ArmState
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.limits import Limits
from zprl_control.session import ArmSession
from zprl_core.arm_mode import ArmMode, IllegalTransition
from zprl_core.gripper_state import GripperState
from zprl_core.target import Pose6, Target, Twist6
from zprl_hardware.cameras.calibration_file import Calibration, CalibrationError, Mount, load, save
from zprl_hardware.cameras.camera import Intrinsics

PERIOD_S = 0.05
HERE: Pose6 = (0.45, 0.0, 0.2, 0.0, 0.0, 0.0)
STILL: Twist6 = (0.0,) * 6  # type: ignore[assignment]
BUTTONS = ("enable", "hold", "stop", "recover", "estop", "release", "reset")
JOINTS = (-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771)
MISHAPS = ("cable", "reflex", "push", "old state", "joints", "no joints", "there")


class StrangeArm:
    """Follows what it is told, within the limits that `excess` measures, until something happens to it."""

    def __init__(self, limits: Limits):
        self.now, self.there, self.reachable, self.follows = 0.0, True, True, False
        self.state = ArmState(0.0, JOINTS, (0.0,) * 7, HERE, STILL, STILL, 0.08)
        self.excess = Excess(limits, PERIOD_S)
        self.reported: tuple[float, ...] | None = None  # in place of its joints

    def connect(self) -> None:
        self.read()

    def read(self) -> ArmState:
        if not self.reachable:
            raise ArmLost("the cable is out")
        joints = self.state.joints if self.reported is None else self.reported
        return replace(self.state, joints=joints, read_s=min(self.now, self.state.read_s or self.now))

    def begin(self, target: Target) -> None:
        self.follows = True
        self.excess.begin(target.pose)

    def set_target(self, target: Target) -> None:
        if not self.follows:
            raise AssertionError(f"told {target} while it follows nothing")
        self.excess.see(target, self.state.pose, self.read().joints)
        self.state = replace(
            self.state, pose=target.pose, width=target.width, joints=target.joints or self.state.joints
        )

    def halt(self) -> None:
        self.follows = False

    def reset(self) -> None:
        if self.follows:
            raise AssertionError("a reset motion began while targets are followed")
        self.there = False

    def progress(self) -> float:
        return float(self.there)

    def home_gripper(self) -> None:
        self.state = replace(self.state, gripper=GripperState())

    def recover(self) -> None:
        self.state = replace(self.state, fault="", wrench=STILL, read_s=0.0)

    def close(self) -> None:
        self.halt()

    def suffer(self, mishap: str, now: float) -> None:
        """Something happens; the same once more, and it is over."""
        state = self.state
        match mishap:
            case "cable":
                self.reachable = not self.reachable
            case "reflex":
                self.state = replace(state, fault="" if state.fault else "cartesian_reflex")
            case "push":
                self.state = replace(state, wrench=STILL if any(state.wrench) else (0.0, 90.0, 0.0, 0.0, 0.0, 0.0))
            case "old state":
                self.state = replace(state, read_s=0.0 if state.read_s else now)
            case "joints":
                self.reported = (*JOINTS[:6], 3.0) if self.reported is None else None
            case "no joints":
                self.reported = () if self.reported is None else None
            case "there":
                self.there = True


near = st.tuples(*[st.floats(-0.05, 0.05)] * 6).map(lambda d: tuple(a + b for a, b in zip(HERE, d, strict=True)))
sixes = near | near | st.tuples(*[doubles] * 6)
angles = st.tuples(*[st.floats(-0.05, 0.05)] * 7).map(lambda d: tuple(a + b for a, b in zip(JOINTS, d, strict=True)))
joints = angles | angles | st.lists(doubles, max_size=9).map(tuple)
priorities = st.sampled_from(Priority)
happenings = st.one_of(
    st.tuples(st.just("command"), sixes, doubles | st.floats(0, 0.08), words, priorities),
    st.tuples(st.just("command"), near, st.floats(0, 0.08), st.just("policy"), st.just(Priority.POLICY)),
    st.tuples(st.just("joints"), joints, doubles | st.floats(0, 0.08), words, priorities),
    st.tuples(st.just("joints"), angles, st.floats(0, 0.08), st.just("policy"), st.just(Priority.POLICY)),
    st.tuples(st.just("nudge"), sixes, st.none() | doubles, words, priorities),
    st.tuples(st.just("button"), st.sampled_from(BUTTONS)),
    st.tuples(st.just("button"), st.sampled_from(("enable", "recover", "release"))),
    st.tuples(st.just("mishap"), st.sampled_from(MISHAPS)),
    st.tuples(st.just("hand")),
    st.tuples(st.just("picture"), words),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)
days = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from((1.0, 4.0)), st.lists(happenings, min_size=20, max_size=80)
)


def _living(folder: Path) -> Enter:
    """As the arm node does it. Whatever happens, an arm that moves is told nothing outside its limits."""

    def enter(day: tuple[bool, bool, float, list[Any]]) -> bool:
        dead_man, watched, command_gain, story = day
        arm = StrangeArm(Limits())
        interlocks = Interlocks(Limits(), ("front",) if watched else (), dead_man)
        session = ArmSession(arm, Limits(), PERIOD_S, command_gain, interlocks)
        refused = False
        for word in [("button", "enable"), *story]:
            for _ in range(word[1] if word[0] == "wait" else 1):
                arm.now += PERIOD_S
                report = session.tick(arm.now)
                if (report.command is None) != (report.mode not in (ArmMode.STREAM, ArmMode.HOLD)):
                    raise AssertionError(f"in {report.mode.name} it was told {report.command}")
                if report.mode == ArmMode.STREAM and not report.person and arm.reported is not None:
                    raise AssertionError(f"{report.source} moves an arm with joints at {arm.reported}")
            refused |= _happens(session, arm, word)
        if arm.excess.count:
            raise AssertionError(f"{arm.excess.count} outputs got past the guards: {arm.excess.worst}")
        return refused

    return enter


def _happens(session: ArmSession, arm: StrangeArm, word: tuple[Any, ...]) -> bool:
    """Whether it was refused."""
    match word:
        case ("command", pose, width, source, priority):
            return session.command(Target(pose, width), source, priority, arm.now) != ""
        case ("joints", joints, width, source, priority):
            return session.command(Target(STILL, width, joints), source, priority, arm.now) != ""
        case ("nudge", twist, width, source, priority):
            return session.nudge(twist, width, source, priority, arm.now) != ""
        case ("button", name):
            with suppress(IllegalTransition, Refused, ArmLost):
                getattr(session, name)()
                return False
            return True
        case ("mishap", mishap):
            arm.suffer(mishap, arm.now)
        case ("hand",):
            session.interlocks.enabled(arm.now)
        case ("picture", camera):
            session.interlocks.saw(camera, arm.now)
    return False


def _mutated_yaml(rng: Random, samples: list[bytes]) -> bytes:
    """YAML with its bytes bent, or JSON, which YAML is too, with strange values."""
    if rng.random() < 0.5:
        return mutate(rng, samples)
    return mutated_json(rng, yaml.safe_load(rng.choice(samples))).encode("utf-8", "surrogatepass")


def _stationed(folder: Path) -> Enter:
    samples = [path.read_bytes() for path in sorted(config_file("stations").glob("*.yaml"))]

    def enter(seed: bytes) -> bool:
        path = folder / "station.yaml"
        path.write_bytes(_mutated_yaml(Random(seed), samples))
        load_station(path)
        return False

    return enter


def _calibrated(folder: Path) -> Enter:
    path = folder / "calibration.yaml"
    intrinsics = Intrinsics(640, 480, 600.0, 601.0, 320.0, 240.0, (0.1, -0.2, 0.0, 0.0, 0.05))
    save(path, Calibration("front", intrinsics, Mount("fr3_link0", (0.3, 0.0, 0.6), (1.0, 0.0, 0.0, 0.0))))
    samples = [path.read_bytes()]

    def enter(seed: bytes) -> bool:
        path.write_bytes(_mutated_yaml(Random(seed), samples))
        load(path)
        return False

    return enter


ARM_TARGETS = (
    FuzzTarget("a day of an arm", 0.05, days, _living),
    FuzzTarget("station", 0.0, seeds, _stationed, (ValueError,), least=2000),
    FuzzTarget("calibration", 0.0, seeds, _calibrated, (CalibrationError,), least=2000),
)
