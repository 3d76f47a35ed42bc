"""Owns the franky robot on one thread; callers enqueue requests and read the latest state."""

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
from zprl_hardware.franka.connection import connect
from zprl_hardware.franka.conversions import arm_state, errors_from, explained
from zprl_hardware.franka.followers import Follower, make_follower
from zprl_hardware.franka.homing import Homing
from zprl_hardware.franka.planner_retry import PlannerRetry
from zprl_hardware.franka.requests import Requests
from zprl_hardware.franka.standstill import Standstill

POLL_S = 0.005  # time between two reads of the arm's state
REST_S = 2.0  # time limit for a stopped motion to end
SETTLE_S = 0.5  # longest wait for standstill
STALE_S = 0.5  # age at which a target is no longer followed
CLOSE_S = 15.0  # time limit for the thread to end


class FrankyWorker:
    """Runs the connection, the motions and their faults; public methods only enqueue requests.

    `state` is the latest state, `lost` the reason why there is no connection.
    """

    def __init__(self, config: FrankyConfig, period_s: float, on_lost: Callable[[], None], on_open: Callable[[], None]):
        self.config, self._period_s = config, period_s
        self.state: ArmState | None = None  # None without a connection; `lost` says why
        self.lost = "no answer yet; check its cable, and that FCI is active in Desk"
        self._newest_homing: Homing | None = None  # the newest one requested
        self._on_lost, self._on_open = on_lost, on_open
        self._requests = Requests()
        self._latest: tuple[Target, float] | None = None  # the newest target, and when it arrived
        self._homing: Homing | None = None  # in progress
        self._trouble = ""  # error of a request or a motion, until `recover`
        self._planner = PlannerRetry()
        self._to_restart = False  # the follower's motion could not be planned, and is to be started again
        self._recovery: Future[str] | None = None
        self._running = True
        self._halted = threading.Event()  # set: a motion requested before does not start
        self._wanted = threading.Event()  # set: a connection is requested
        self._robot: Any = None
        self._time_s, self._read_s = -1.0, 0.0  # of the newest state: on the arm's own clock, and its arrival
        self._follower: Follower | None = None
        self._thread = threading.Thread(target=self._work, name="franky", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Request a connection. Requests from now on are meant for the present connection."""
        self._wanted.set()
        self._requests.serve()

    @property
    def served(self) -> bool:
        """True while the connection is the one that requests are meant for; they never reach another one."""
        return self._requests.served

    def follow(self, target: Target) -> None:
        """Start following targets; the first one must be where the tool is."""
        self.set_target(target)
        self._halted.clear()
        self._requests.add(self._start)

    def set_target(self, target: Target) -> None:
        """Set the target."""
        self._latest = target, time.monotonic()

    def halt(self) -> None:
        """Stop following targets; the arm brakes."""
        self._halted.set()
        self._requests.add(self._rest)

    def go_home(self) -> None:
        """Start the slow motion home."""
        homing = self._newest_homing = Homing(self.config)
        self._halted.clear()
        self._requests.add(lambda: self._go_home(homing))

    @property
    def progress(self) -> float:
        """Progress of the newest motion home, 0 to 1; 1 when none was requested."""
        return self._newest_homing.progress if self._newest_homing else 1.0

    @property
    def risen(self) -> bool:
        """True once the newest motion home has raised the tool."""
        return self._newest_homing is not None and self._newest_homing.risen

    def recover(self) -> Future[str]:
        """Start to clear the fault. The result is the reason why that failed, or ""."""
        done: Future[str] = Future()
        self._recovery = done
        self._requests.add(self._recover)
        return done

    def close(self) -> None:
        """Brake and end the thread."""
        self._running = False
        self._thread.join(timeout=CLOSE_S)

    # All methods below run on the thread.

    def _work(self) -> None:
        while self._running:
            if self._robot is None:
                if self._wanted.wait(timeout=0.1):
                    self._open()
                continue
            try:
                self._turn()
            except Exception as error:  # any error of franky is a fault, if the arm still answers
                self._failed(str(error))
            time.sleep(POLL_S)
        if self._robot is not None:
            with suppress(Exception):
                self._rest()

    def _turn(self) -> None:
        self._requests.run(lambda: self._refuse_recovery("it has reconnected since"))
        self._update()
        if self._to_restart:
            self._start()
        if self._follower is not None and self._latest is not None:
            self._follow(self._latest[0] if time.monotonic() - self._latest[1] < STALE_S else None)

    def _open(self) -> None:
        self._wanted.clear()
        try:
            self._robot = connect(self.config)
            self._requests.connected()
            self._update()
            self._on_open()
        except Exception as error:
            self._forget(explained(error))

    def _failed(self, why: str) -> None:
        self._follower = None
        self._end_homing()
        self._trouble = self._trouble or why
        self._stop()
        try:
            self._update()
        except Exception as gone:
            self._forget(explained(gone))

    def _forget(self, why: str) -> None:
        self.lost, self.state, self._trouble = why, None, ""
        self._robot = self._follower = None
        self._to_restart = False
        self._end_homing()
        self._on_lost()
        self._requests.clear()  # they must not run when the arm is back
        self._refuse_recovery(why)

    def _refuse_recovery(self, why: str) -> None:
        """End a pending recovery with an error, so that its caller does not wait forever."""
        if self._recovery is not None and not self._recovery.done():
            self._recovery.set_result(f"the arm is not reachable: {why}")

    def _update(self) -> None:
        robot = self._robot
        state = robot.state
        faults = errors_from(state.current_errors)
        if self._follower is not None and (faults or self._ended()):
            self._follower = None
            self._to_restart = not faults and self._planner.allows(self._trouble, time.monotonic())
            self._trouble = "" if self._to_restart else self._trouble or ", ".join(faults)
        if (time_s := state.time.to_sec()) != self._time_s:
            self._time_s, self._read_s = time_s, time.monotonic()
        self.state = arm_state(robot, state, ", ".join(faults) or self._trouble, self._read_s)
        self._seen = ArmSample(self.state.pose, time_s, self.state.joints, self.state.joint_velocities)
        if self._homing is not None:
            self._watch_homing(self._homing, self.state.joints)

    def _watch_homing(self, homing: Homing, joints: tuple[float, ...]) -> None:
        try:
            homing.watch(joints)
        except Exception as error:
            if not self._planner.allows(str(error), time.monotonic()):
                raise
            self._homing = None
            return self._go_home(homing)
        if homing.progress >= 1.0:
            self._homing = None

    def _ended(self) -> bool:
        """True when the follower's motion has ended, which is a fault. The motion's errors surface here."""
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
        """Pass the newest target on; change the follower when targets change between tool and joints.

        The arm stands still at such a change.
        """
        assert self._follower is not None
        if target is not None and (target.joints is not None) != self._follower.in_joints:
            if self.config.control == Control.IMPEDANCE:
                self._take_control(target)  # both command torques: no gap
            else:
                self._start()
        if self._follower is not None:
            self._follower.set_target(target, self._seen)

    def _start(self) -> None:
        self._rest()
        self._settle()
        if not self._halted.is_set():
            self._take_control(self._latest[0] if self._latest else None)

    def _take_control(self, target: Target | None) -> None:
        in_joints = target is not None and target.joints is not None
        follower = make_follower(self.config, self._robot, self._period_s, in_joints)
        follower.start()
        self._follower = follower

    def _rest(self) -> None:
        """Brake, and return when no motion is in control."""
        self._to_restart = False
        follower, self._follower = self._follower, None
        homing, self._homing = self._homing, None
        if follower is not None and self._robot.is_in_control:
            try:
                follower.stop()
            except Exception:  # end it in any case
                self._stop()
        else:
            self._stop()
        end = time.monotonic() + REST_S
        while self._robot.is_in_control and time.monotonic() < end:
            self._update()
            time.sleep(POLL_S)
        with suppress(Exception):  # raised when it was preempted
            self._robot.join_motion(REST_S)
        if self._robot.is_in_control:
            self._trouble = self._trouble or "its motion does not end; press the emergency stop"
        if homing is not None:
            homing.end()

    def _stop(self) -> None:
        """End any motion at once."""
        with suppress(Exception):  # the state has the fault itself
            if self._robot.is_in_control:
                self._robot.stop()

    def _settle(self) -> None:
        """Wait until tool and joints stand still, but not for ever."""
        end, still = time.monotonic() + SETTLE_S, Standstill()
        while time.monotonic() < end:
            self._update()
            if still.seen(self.state):
                return
            time.sleep(POLL_S)

    def _go_home(self, homing: Homing) -> None:
        self._rest()
        self._settle()
        if self._halted.is_set():
            homing.end()
            return
        self._homing = homing
        homing.begin(self._robot)

    def _end_homing(self) -> None:
        homing, self._homing = self._homing, None
        if homing is not None:
            homing.end()

    def _recover(self) -> None:
        done = self._recovery
        if done is None or done.done():
            return
        try:
            if not self._robot.recover_from_errors():
                raise RuntimeError("its control refused")
            self._trouble = ""
            self._update()
            why = self.state.fault if self.state is not None else self.lost
        except Exception as error:
            why = f"the arm could not be recovered: {str(error).strip()}; release its stop, then call again"
        done.set_result(why)
