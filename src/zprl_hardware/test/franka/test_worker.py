"""The thread in which franky lives, over a robot of wax: what a dying connection leaves unsaid, what a stop does."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from fake_arm import HERE, JOINTS, STILL

franky = pytest.importorskip("franky", reason="franky-control has no wheel for this machine")

from zprl_control.driver import ArmState  # noqa: E402
from zprl_control.safety.limits import Limits  # noqa: E402
from zprl_control.session import ArmSession  # noqa: E402
from zprl_core.arm_mode import ArmMode  # noqa: E402
from zprl_hardware.franka import gripper, homing, worker  # noqa: E402
from zprl_hardware.franka.config import FrankyConfig  # noqa: E402
from zprl_hardware.franka.driver import FrankyDriver  # noqa: E402


@dataclass
class Wires:
    """What every connection to the robot of wax shares."""

    dead: bool = False
    frozen: bool = False
    is_in_control: bool = False
    time_s: float = 0.0
    errors: list[str] = field(default_factory=list)  # of the motions, to be raised one after the other
    done: list[str] = field(default_factory=list)  # what franky was asked for


class Robot:
    """As much of franky's robot as the worker uses."""

    current_pose = SimpleNamespace(end_effector_pose=None)

    def __init__(self, wires: Wires):
        self.wires = wires

    @property
    def state(self) -> Any:
        if self.wires.dead:
            raise RuntimeError("connection reset")
        self.wires.time_s += 0.0 if self.wires.frozen else 0.001
        return SimpleNamespace(current_errors=object(), time=SimpleNamespace(to_sec=lambda: self.wires.time_s))

    @property
    def is_in_control(self) -> bool:
        return self.wires.is_in_control

    def set_collision_behavior(self, *limits: Any) -> None: ...

    def poll_motion(self) -> bool:
        if self.wires.errors:
            raise RuntimeError(self.wires.errors.pop(0))
        return False

    def join_motion(self, timeout_s: float) -> None: ...

    def move(self, motion: Any, asynchronous: bool) -> None:
        self.wires.done.append(type(motion).__name__)

    def stop(self) -> None:
        self.wires.done.append("stop")
        self.wires.is_in_control = False

    def recover_from_errors(self) -> bool:
        self.wires.done.append("recover")
        return True


class Stubborn:
    """A follower whose stop franky refuses."""

    in_joints = False

    def start(self) -> None: ...

    def set_target(self, target: Any, sample: Any) -> None: ...

    def stop(self) -> None:
        raise RuntimeError("this motion cannot preempt")


def seen(robot: Any, state: Any, fault: str, read_s: float) -> ArmState:
    return ArmState(read_s, JOINTS, (0.0,) * 7, HERE, STILL, STILL, 0.08, fault)


@dataclass
class Driving:
    """A follower that is in control from its start."""

    wires: Wires
    in_joints = False

    def start(self) -> None:
        self.wires.done.append("follow")
        self.wires.is_in_control = True

    def set_target(self, target: Any, sample: Any) -> None: ...

    def stop(self) -> None:
        self.wires.is_in_control = False


ENDED = worker.FrankyWorker._ended


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Wires:
    wires = Wires()
    hand = SimpleNamespace(width=0.08)
    monkeypatch.setattr(franky, "Robot", lambda hostname, realtime_config: Robot(wires))
    monkeypatch.setattr(worker, "arm_state", seen)
    monkeypatch.setattr(worker, "errors_from", lambda errors: [])
    monkeypatch.setattr(worker, "make_follower", lambda *chosen: Stubborn())
    monkeypatch.setattr(worker.FrankyWorker, "_ended", lambda self: False)
    monkeypatch.setattr(homing, "pose_from_franky", lambda pose: HERE)
    monkeypatch.setattr(gripper.FrankyGripper, "_connected", lambda self: hand)
    return wires


@pytest.fixture
def session(wires: Wires) -> Iterator[ArmSession]:
    """Connected and armed; its clock stands, so that nothing is old."""
    session = ArmSession(FrankyDriver(FrankyConfig(hostname="wax", enforce_realtime=False)), Limits(), 0.05)
    connected(session)
    session.enable()
    yield session
    wires.dead = wires.is_in_control = False
    session.close()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 600.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def connected(session: ArmSession) -> None:
    """Ticks until there is a connection; each is a second later, or it would wait for real."""
    now = 0.0
    while session.mode == ArmMode.DISCONNECTED:
        time.sleep(0.01)
        now += 1.0
        session.tick(now)


def quiet(session: ArmSession) -> None:
    """Until the worker has looked a few times."""
    worker = session.driver._worker  # type: ignore[attr-defined]
    for _ in range(3):
        before = worker.state
        until(lambda before=before: worker.state is not before)  # type: ignore[misc]


@pytest.mark.parametrize("asked", ["reset", "recover"])
def test_what_is_asked_as_the_connection_dies_does_not_happen_on_the_next_one(
    session: ArmSession, wires: Wires, asked: str
) -> None:
    """The session learns of the loss at its next tick only. Nobody would watch a motion that begins later."""
    worker = session.driver._worker  # type: ignore[attr-defined]
    quiet(session)
    wires.dead = True
    until(lambda: worker.state is None)
    wires.done.clear()
    if asked == "reset":
        session.reset()  # the session still believes that it holds the arm
    else:
        recovery = worker.recover()
    wires.dead = False
    worker._wanted.set()
    until(lambda: worker.state is not None)
    session.tick(0.0)
    assert session.mode == ArmMode.DISCONNECTED  # although there is a connection again: it is another one
    quiet(session)
    assert wires.done == []
    assert asked == "reset" or "it has reconnected since" in recovery.result(timeout=600.0)
    connected(session)
    assert session.mode == ArmMode.IDLE
    quiet(session)
    assert wires.done == []


def test_a_stop_ends_a_motion_whose_own_end_franky_refuses(session: ArmSession, wires: Wires) -> None:
    worker = session.driver._worker  # type: ignore[attr-defined]
    until(lambda: worker._follower is not None)
    wires.is_in_control = True
    session.estop()
    until(lambda: worker._follower is None and not wires.is_in_control)
    assert wires.done == ["stop"]


def test_an_arm_whose_clock_stands_is_as_old_as_its_last_state(session: ArmSession, wires: Wires) -> None:
    worker = session.driver._worker  # type: ignore[attr-defined]
    first = worker.state.read_s
    until(lambda: worker.state.read_s > first)
    wires.frozen = True
    quiet(session)
    frozen = worker.state.read_s
    quiet(session)
    assert worker.state.read_s == frozen
    wires.frozen = False
    until(lambda: worker.state.read_s > frozen)


@pytest.fixture
def driving(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArmSession]:
    """Like `session`, with a motion in control."""
    monkeypatch.setattr(worker.FrankyWorker, "_ended", ENDED)
    monkeypatch.setattr(worker, "make_follower", lambda *chosen: Driving(wires))
    session = ArmSession(FrankyDriver(FrankyConfig(hostname="wax", enforce_realtime=False)), Limits(), 0.05)
    connected(session)
    session.enable()
    until(lambda: "follow" in wires.done)
    yield session
    wires.dead = wires.is_in_control = False
    session.close()


UNPLANNED = "Motion planner failed with error code -110"


def test_a_motion_whose_planning_failed_is_started_again_once(driving: ArmSession, wires: Wires) -> None:
    wires.errors.append(UNPLANNED)
    until(lambda: wires.done.count("follow") == 2)
    quiet(driving)
    assert driving.mode == ArmMode.HOLD and driving.reason == ""
    wires.errors.append(UNPLANNED)
    until(lambda: driving.tick(0.0).mode == ArmMode.FAULT)
    assert UNPLANNED in driving.reason and wires.done.count("follow") == 2


def test_another_error_of_a_motion_is_a_fault_at_once(driving: ArmSession, wires: Wires) -> None:
    wires.errors.append("motion aborted by reflex")
    until(lambda: driving.tick(0.0).mode == ArmMode.FAULT)
    assert "reflex" in driving.reason and wires.done.count("follow") == 1


def test_a_motion_home_whose_planning_failed_is_started_again(driving: ArmSession, wires: Wires) -> None:
    driving.reset()
    until(lambda: "JointMotion" in wires.done)
    wires.is_in_control = True
    wires.errors.append(UNPLANNED)
    until(lambda: wires.done.count("JointMotion") == 2)
    quiet(driving)
    assert driving.mode == ArmMode.RESET and driving.progress() < 1.0
