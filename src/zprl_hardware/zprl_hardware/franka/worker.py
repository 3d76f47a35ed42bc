"""The one thread in which franky's arm lives. Others leave word here, and read what was seen last."""

import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from zprl_control.driver import ArmState
from zprl_core.target import Target
from zprl_hardware.franka.arm_sample import ArmSample
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.conversions import arm_state, errors_from, explained
from zprl_hardware.franka.followers import Follower, make_follower
from zprl_hardware.franka.homing import Homing

POLL_S = 0.005  # between two looks at the arm
REST_S = 2.0  # within which a motion that was stopped has ended
SETTLE_S, STILL_LOOKS = 0.5, 5  # how long an arm may swing, and how many looks in a row it stands
STILL_M_S, STILL_RAD_S = 0.002, 0.005  # a tool and a joint so slow stand
STALE_S = 0.5  # without a target for so long: nobody drives it any more
CLOSE_S = 15.0  # within which the arm must let itself be closed


def stands(state: ArmState) -> bool:
    """Whether tool and joints stand still."""
    return math.hypot(*state.twist[:3]) < STILL_M_S and max(map(abs, state.joint_velocities)) < STILL_RAD_S


class FrankyWorker:
    """`state` and `lost` are the newest; a method only leaves word."""

    def __init__(self, config: FrankyConfig, period_s: float, on_lost: Callable[[], None], on_open: Callable[[], None]):
        self.config, self._period_s = config, period_s
        self.state: ArmState | None = None  # None: there is no connection, `lost` says why
        self.lost = "it has not been tried yet"
        self._asked_home: Homing | None = None  # the newest that was asked for
        self._on_lost, self._on_open = on_lost, on_open
        self._calls: queue.SimpleQueue[tuple[int, Callable[[], None]]] = queue.SimpleQueue()
        self._connection = 0  # number of the connection that there is, or was last
        self._served = 0  # number of the one that calls are meant for
        self._told: tuple[Target, float] | None = None  # the newest target, and when it came
        self._homing: Homing | None = None  # that the arm is on
        self._trouble = ""  # what a call or a motion came to, until a person recovers the arm
        self._recovery: Future[str] | None = None
        self._running = True
        self._halted = threading.Event()  # a motion that was asked for before does not begin any more
        self._wanted = threading.Event()  # somebody wants a connection
        self._robot: Any = None
        self._time_s, self._read_s = -1.0, 0.0  # the newest state: by the arm's own clock, and when it came
        self._follower: Follower | None = None
        self._thread = threading.Thread(target=self._work, name="franky", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Try to connect. What is called from now on is meant for the connection that there is now."""
        self._wanted.set()
        self._served = self._connection

    @property
    def served(self) -> bool:
        """Whether the connection is still the one that calls are meant for: none of them reaches another one."""
        return self._served == self._connection

    def follow(self, target: Target) -> None:
        """Follow targets from now on; the first one is where the tool is."""
        self.set_target(target)
        self._halted.clear()
        self._call(self._start)

    def set_target(self, target: Target) -> None:
        """The newest target."""
        self._told = target, time.monotonic()

    def halt(self) -> None:
        """Follow nothing any more."""
        self._halted.set()
        self._call(self._rest)

    def go_home(self) -> None:
        """Begin the slow motion home."""
        way = self._asked_home = Homing(self.config)
        self._halted.clear()
        self._call(lambda: self._go_home(way))

    @property
    def progress(self) -> float:
        """Of the motion home that was asked for last; 1 when none was."""
        return self._asked_home.progress if self._asked_home else 1.0

    def recover(self) -> Future[str]:
        """Begin to clear the fault. The result is why it could not be done, or ""."""
        done: Future[str] = Future()
        self._recovery = done
        self._call(self._recover)
        return done

    def close(self) -> None:
        """Let the arm go."""
        self._running = False
        self._thread.join(timeout=CLOSE_S)

    def _call(self, what: Callable[[], None]) -> None:
        self._calls.put((self._served, what))

    # What follows runs in the thread.

    def _work(self) -> None:
        while self._running:
            if self._robot is None:
                if self._wanted.wait(timeout=0.1):
                    self._open()
                continue
            try:
                self._turn()
            except Exception as error:  # whatever franky throws: a fault, if the arm still answers
                self._failed(str(error))
            time.sleep(POLL_S)
        if self._robot is not None:
            with suppress(Exception):
                self._rest()

    def _turn(self) -> None:
        while not self._calls.empty():
            connection, call = self._calls.get()
            if connection == self._connection:
                call()
            else:
                self._refuse_recovery("the connection is a new one")
        self._look()
        if self._follower is not None and self._told is not None:
            self._follow(self._told[0] if time.monotonic() - self._told[1] < STALE_S else None)

    def _open(self) -> None:
        import franky

        c = self.config
        realtime = franky.RealtimeConfig.Enforce if c.enforce_realtime else franky.RealtimeConfig.Ignore
        self._wanted.clear()
        try:
            self._robot = franky.Robot(c.hostname, realtime_config=realtime)
            self._connection += 1
            self._robot.set_collision_behavior(
                c.collision_torque, [c.collision_force] * 3 + [c.collision_force / 2] * 3
            )
            self._look()
            self._on_open()
        except Exception as error:  # network, protocol, version, another driver: the text says which
            self._forget(explained(error))

    def _failed(self, why: str) -> None:
        self._follower = None
        self._leave_way()
        self._trouble = self._trouble or why
        self._stop()
        try:
            self._look()
        except Exception as gone:
            self._forget(explained(gone))

    def _forget(self, why: str) -> None:
        self.lost, self.state, self._trouble = why, None, ""
        self._robot = self._follower = None
        self._leave_way()
        self._on_lost()
        self._drop_calls(why)

    def _drop_calls(self, why: str) -> None:
        """What was asked of an arm that is gone does not happen when it comes back."""
        while not self._calls.empty():
            self._calls.get()
        self._refuse_recovery(why)

    def _refuse_recovery(self, why: str) -> None:
        """Whoever waits for one shall not wait for ever."""
        if self._recovery is not None and not self._recovery.done():
            self._recovery.set_result(f"the arm is not reachable: {why}")

    def _look(self) -> None:
        robot = self._robot
        state = robot.state
        faults = errors_from(state.current_errors)
        if self._follower is not None and (faults or self._ended()):
            self._follower = None
            self._trouble = self._trouble or ", ".join(faults)
        if (time_s := state.time.to_sec()) != self._time_s:
            self._time_s, self._read_s = time_s, time.monotonic()
        self.state = arm_state(robot, state, ", ".join(faults) or self._trouble, self._read_s)
        self._seen = ArmSample(self.state.pose, time_s, self.state.joints, self.state.joint_velocities)
        if self._homing is not None:
            self._homing.watch(self.state.joints)
            if self._homing.progress >= 1.0:
                self._homing = None

    def _ended(self) -> bool:
        """Whether the follower's motion has ended, which it never does by itself. Errors of it surface here."""
        try:
            self._robot.poll_motion()
        except Exception as error:
            self._trouble = str(error).strip()
            return True
        if self._robot.is_in_control:
            return False
        self._trouble = "its motion ended"
        return True

    def _follow(self, target: Target | None) -> None:
        """Pass the newest target on. One of the other kind, for which the arm stands still, gets its own follower."""
        assert self._follower is not None
        if target is not None and (target.joints is not None) != self._follower.in_joints:
            if self.config.control == Control.IMPEDANCE:
                self._take_control(target)  # torques after torques: the arm does not notice
            else:
                self._start()
        if self._follower is not None:
            self._follower.set_target(target, self._seen)

    def _start(self) -> None:
        self._rest()
        self._settle()
        if not self._halted.is_set():
            self._take_control(self._told[0] if self._told else None)

    def _take_control(self, target: Target | None) -> None:
        in_joints = target is not None and target.joints is not None
        follower = make_follower(self.config, self._robot, self._period_s, in_joints)
        follower.start()
        self._follower = follower

    def _rest(self) -> None:
        """Brake, and return when the arm's control has ended."""
        follower, self._follower = self._follower, None
        way, self._homing = self._homing, None
        if follower is not None and self._robot.is_in_control:
            try:
                follower.stop()
            except Exception:  # it must end all the same
                self._stop()
        else:
            self._stop()
        end = time.monotonic() + REST_S
        while self._robot.is_in_control and time.monotonic() < end:
            self._look()
            time.sleep(POLL_S)
        with suppress(Exception):  # that it was preempted
            self._robot.join_motion(REST_S)
        if self._robot.is_in_control:
            self._trouble = self._trouble or "its motion does not end; press the stop at hand"
        if way is not None:
            way.end()

    def _stop(self) -> None:
        """End any motion at once."""
        with suppress(Exception):  # the fault itself is in the state
            if self._robot.is_in_control:
                self._robot.stop()

    def _settle(self) -> None:
        """Return when tool and joints stand still: Franka may stop a motion that begins while they swing."""
        end, still = time.monotonic() + SETTLE_S, 0
        while time.monotonic() < end and still < STILL_LOOKS:
            self._look()
            still = still + 1 if self.state is not None and stands(self.state) else 0
            time.sleep(POLL_S)

    def _go_home(self, way: Homing) -> None:
        self._rest()
        self._settle()
        if self._halted.is_set():
            way.end()
            return
        self._homing = way
        way.begin(self._robot)

    def _leave_way(self) -> None:
        if self._homing is not None:
            self._homing.end()
            self._homing = None

    def _recover(self) -> None:
        done = self._recovery
        if done is None or done.done():
            return
        try:
            if not self._robot.recover_from_errors():
                raise RuntimeError("its control refuses")
            self._trouble = ""
            self._look()
            why = self.state.fault if self.state is not None else self.lost
        except Exception as error:
            why = f"the arm could not be recovered: {str(error).strip()}; release its stop, then ask again"
        done.set_result(why)
