"""The simulated FCI: serves a task's scene over Franka's own protocol to the real driver. See `FciSim`."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import numpy as np
import numpy.typing as npt

from zprl_core.host.processes import port_owner
from zprl_core.host.scheduling import PRIORITY, go_first
from zprl_core.observation import Pose
from zprl_sim.fci.arm import FciArm, FciSimulator
from zprl_sim.fci.hand import Hand
from zprl_sim.fci.reflexes import Limits
from zprl_sim.fci.scene import TICK_S, TorqueScene
from zprl_sim.fci.server import FciRobotServer
from zprl_sim.tasks.task import Task

FCI_PORT = 1337
PATIENCE_S = 0.6  # how long lockstep waits for the driver's answer; libfranka gives up after 1 s without a state
CONTROL_BOX = PRIORITY // 2  # before ordinary programs, but after the nodes that control the arm
LATE_S = 0.05  # a loop this late skips the lost time, to avoid sending the driver a burst of states

log = logging.getLogger(__name__)


class FciSim:
    """Serves a task's scene at `hostname`, so that `franky.Robot(hostname)` drives it. Use it in a with block.

    `lockstep`: each step of a motion waits for the driver's answer to the last state, 600 ms at most. Simulated time
    never runs ahead of the driver, not even on a loaded machine, nor faster than real time. Otherwise the steps keep
    absolute deadlines at 1 kHz, whatever the driver does.

    `deployed`: the task's mismatch in size and friction, as in SimRobot. Its gain does not apply to torque commands.

    `first`: the loop has real-time priority, where the machine permits it. It takes most of a processor, so use it for
    a single arm that must keep real time.

    `hand`: whether the hand starts homed, or refuses motions.

    It tests protocol, lifecycle and error handling, but neither real-time latency nor Franka's exact thresholds.
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
        hand: Hand = Hand.HOMED,
        first: bool = False,
    ):
        self.hostname, self.lockstep = hostname, lockstep
        self._scene = TorqueScene(task, deployed, seed)
        arm = FciArm(self._scene)
        self._simulator = FciSimulator(arm)
        self._server = FciRobotServer(arm, hostname, limits or Limits(), hand)
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="fci", daemon=True)
        self._ticks = 0
        self._first = first
        self.scheduling = "normal"

    def __enter__(self) -> "FciSim":
        try:
            self._server.init()
        except OSError as error:
            self._server.cleanup()
            owner = port_owner(FCI_PORT)
            by = f" ({owner})" if owner else ""
            what = f"ports 1337 and 1338 of {self.hostname}"
            raise OSError(f"{what} are in use{by}, or it is not an address of this machine") from error
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
        """Stops and disconnects the driver. The ports are free when this returns."""
        self._running.clear()
        if self._thread.is_alive():
            self._thread.join()
        self._server.cleanup()
        self._scene.close()

    @property
    def running(self) -> bool:
        """True while the loop runs; False after an error in it, which is logged."""
        return self._thread.is_alive()

    @property
    def time_s(self) -> float:
        """Simulated seconds since the start."""
        return self._ticks * TICK_S

    def wait(self, seconds: float) -> None:
        """Sleeps until simulated time has advanced by `seconds`. Raises RuntimeError if the loop has ended."""
        until = self.time_s + seconds
        while (left := until - self.time_s) > 0:
            if not self.running:
                raise RuntimeError("the simulated FCI is not running")
            time.sleep(max(left, TICK_S))  # never too long: simulated time is not faster than real time

    def inject_reflex(self, name: str) -> None:
        """Triggers one of Franka's reflexes by name. Raises ValueError for an unknown name."""
        with self._lock:
            self._server.inject(name)

    @property
    def errors(self) -> frozenset[str]:
        """The errors that are present, by Franka's names."""
        with self._lock:
            return self._server.reflexes.current

    def set_hand(self, hand: Hand) -> None:
        """Changes the state of the hand: homed, not homed as after power-up, or refusing."""
        with self._lock:
            self._server.set_hand(hand)

    def press_stop(self) -> None:
        """Presses the user stop button."""
        with self._lock:
            self._server.press_stop()

    def release_stop(self) -> None:
        """Releases the user stop button."""
        with self._lock:
            self._server.reflexes.release()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freezes motion and replies while the block runs, like an unplugged cable; no socket is closed."""
        with self._lock:
            yield

    def reset_scene(self, seed: int | None = None) -> None:
        """Places the objects for a new episode. The arm does not move; the driver resets it."""
        with self._lock:
            self._scene.place_things(seed)

    def things(self) -> dict[str, Pose]:
        """Returns the true poses of the objects."""
        with self._lock:
            return self._scene.things()

    @property
    def success(self) -> bool:
        """True if the task succeeds now."""
        with self._lock:
            return self._scene.success

    @property
    def positions(self) -> npt.NDArray[np.float64]:
        """All positions of the scene, as in `SceneObjects.positions`."""
        with self._lock:
            return self._scene.positions

    @property
    def joint_positions(self) -> npt.NDArray[np.float64]:
        """True joint positions (9,): arm [rad] and fingers [m]."""
        with self._lock:
            return self._scene.joint_positions

    def _loop(self) -> None:
        if self._first:
            self.scheduling = go_first(CONTROL_BOX)
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
    """Sleeps until the tick after the one at `due`, and returns its deadline."""
    due, now = due + TICK_S, time.perf_counter()
    if due > now:
        time.sleep(due - now)
        return due
    return due if now - due < LATE_S else now
