"""The simulated FCI: a task's scene behind Franka's own protocol, for the real driver. See `FciSim`."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import numpy as np
import numpy.typing as npt

from zprl_core.observation import Pose
from zprl_sim.fci.arm import FciArm, FciSimulator
from zprl_sim.fci.reflexes import Limits
from zprl_sim.fci.scene import TICK_S, TorqueScene
from zprl_sim.fci.server import FciRobotServer
from zprl_sim.tasks.task import Task

PATIENCE_S = 0.2  # how long lockstep waits for the driver's answer
LATE_S = 0.05  # a loop this late gives the lost time up: the driver must not get it as a burst

log = logging.getLogger(__name__)


class FciSim:
    """Serves a task's scene at `hostname`, so that `franky.Robot(hostname)` drives it. Use it in a with block.

    `lockstep`: each step of a motion waits for the driver's answer to the last state (200 ms at most). Simulated time
    then never runs ahead of the driver, which tests on a loaded machine need; it never runs faster than the clock.
    Otherwise the steps keep absolute deadlines at 1 kHz, whatever the driver does.

    `deployed`: the task's mismatch in size and friction, as in SimRobot. Its gain has no meaning for a torque command.

    Proves protocol, lifecycle and error handling; neither real-time latency nor Franka's exact thresholds.
    Raises OSError from `__enter__` when a port is taken.
    """

    def __init__(
        self,
        task: Task,
        hostname: str = "127.0.0.1",
        lockstep: bool = False,
        limits: Limits | None = None,
        deployed: bool = True,
        seed: int = 0,
    ):
        self.hostname, self.lockstep = hostname, lockstep
        self._scene = TorqueScene(task, deployed, seed)
        arm = FciArm(self._scene)
        self._simulator = FciSimulator(arm)
        self._server = FciRobotServer(arm, hostname, limits or Limits())
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="fci", daemon=True)
        self._ticks = 0

    def __enter__(self) -> "FciSim":
        try:
            self._server.init()
        except OSError as error:
            self._server.cleanup()
            what = f"ports 1337 and 1338 of {self.hostname}"
            raise OSError(f"{what} are in use, or that is no address of this machine") from error
        self._simulator.init()
        self._simulator.start()
        self._running.set()
        self._thread.start()
        self.wait(TICK_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, and hang up on the driver. The ports are free when this returns."""
        self._running.clear()
        if self._thread.is_alive():
            self._thread.join()
        self._server.cleanup()
        self._scene.close()

    @property
    def running(self) -> bool:
        """Whether the loop runs; false after an error in it, which is logged."""
        return self._thread.is_alive()

    @property
    def time_s(self) -> float:
        """Simulated seconds since the start."""
        return self._ticks * TICK_S

    def wait(self, seconds: float) -> None:
        """Sleep until simulated time has advanced. Raises RuntimeError if the loop ended."""
        until = self.time_s + seconds
        while (left := until - self.time_s) > 0:
            if not self.running:
                raise RuntimeError("the simulated FCI does not run")
            time.sleep(max(left, TICK_S))  # never too long: simulated time is not faster than the clock

    def inject_reflex(self, name: str) -> None:
        """Raise an error of Franka's as if the arm had felt it. Raises ValueError for an unknown name."""
        with self._lock:
            self._server.inject(name)

    @property
    def errors(self) -> frozenset[str]:
        """The errors that are present, by Franka's names."""
        with self._lock:
            return self._server.reflexes.current

    def press_stop(self) -> None:
        """Press the user's stop button."""
        with self._lock:
            self._server.press_stop()

    def release_stop(self) -> None:
        """Release the user's stop button."""
        with self._lock:
            self._server.reflexes.release()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing moves and nobody answers meanwhile, as when the cable is out: no socket is closed."""
        with self._lock:
            yield

    def reset_scene(self, seed: int | None = None) -> None:
        """Put the objects where a new episode has them. The arm stays: the driver moves it."""
        with self._lock:
            self._scene.place_things(seed)

    def things(self) -> dict[str, Pose]:
        """Where the objects truly are."""
        with self._lock:
            return self._scene.things()

    @property
    def success(self) -> bool:
        """Whether the task is done now."""
        with self._lock:
            return self._scene.success

    @property
    def joint_positions(self) -> npt.NDArray[np.float64]:
        """(9,) true arm [rad] and fingers [m]."""
        with self._lock:
            return self._scene.joint_positions

    def _loop(self) -> None:
        try:
            due = time.perf_counter()
            while self._running.is_set():
                with self._lock:
                    self._tick()
                if self.lockstep and self._server.awaits_command:
                    self._server.wait_for_command(PATIENCE_S)
                due = _sleep_until_next(due)
        except Exception:
            log.exception("the simulated FCI stopped")
            self._server.cleanup()

    def _tick(self) -> None:
        if self._ticks % 20 == 0:
            self._server.refuse_others()
        self._server.process_commands()
        self._simulator.step()
        self._server.supervise()
        self._server.send_state()
        self._ticks += 1


def _sleep_until_next(due: float) -> float:
    """Sleep until the tick after the one that was due at `due`; returns when that is."""
    due, now = due + TICK_S, time.perf_counter()
    if due > now:
        time.sleep(due - now)
        return due
    return due if now - due < LATE_S else now
