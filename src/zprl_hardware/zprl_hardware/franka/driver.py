"""Drives a Franka arm through franky: one thread owns the arm, another one the gripper.

Targets go to the follower that `control` selects, by default an impedance tracker. A reset is a slow joint motion.
Faults of the arm's own control (reflexes) are reported in the state, and cleared only by `recover`, on an operator's
request.
"""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from dataclasses import replace

from zprl_control.driver import ArmLost, ArmState
from zprl_control.safety.checks import Refused
from zprl_core.target import Target
from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.gripper import FrankyGripper
from zprl_hardware.franka.worker import FrankyWorker

RECOVER_S = 0.5  # longest time that `recover` waits for the arm


class FrankyDriver:
    """Implements `zprl_control.driver.Driver`: methods enqueue requests for the worker and return the latest state."""

    def __init__(self, config: FrankyConfig, period_s: float = 0.05, opening: float = 0.08):
        """`period_s`: time from one target to the next. `opening`: greatest opening of the gripper [m]."""
        self.config, self._opening = config, opening
        self._gripper = FrankyGripper(config.hostname, config.hand)
        self._worker = FrankyWorker(config, period_s, on_lost=self._gripper.forget, on_open=self._gripper.open)
        self._recovery: Future[str] | None = None  # the one whose result has not been returned yet
        self._to_open = False  # the gripper opens once a reset has raised the tool

    def connect(self) -> None:
        """Connect in the background. Raises ArmLost until the arm has answered."""
        self._worker.want()
        self.read()

    def read(self) -> ArmState:
        """Return the latest state. Raises ArmLost when the arm is not reachable."""
        state = self._worker.state
        if state is None or not self._worker.served:
            raise ArmLost(f"the arm at {self.config.hostname} is not reachable: {self._worker.lost}")
        return replace(state, width=self._gripper.width, gripper=self._gripper.state)

    def begin(self, target: Target) -> None:
        """Start following targets. The gripper does not move until a target has another width."""
        self._gripper.keep(target.width)
        self._worker.follow(target)

    def set_target(self, target: Target) -> None:
        """Set the target of arm and gripper."""
        self._worker.set_target(target)
        self._gripper.set_width(target.width)

    def halt(self) -> None:
        """Stop following targets; the arm brakes."""
        self._to_open = False
        self._worker.halt()
        self._gripper.halt()

    def reset(self) -> None:
        """Start the slow motion to home, on which the gripper opens once the tool is above `reset_height`.

        Fingers that open beside a wall catch on it: in simulation the tool then rose with up to 260 N.
        """
        self._worker.go_home()
        self._to_open = True

    def progress(self) -> float:
        """Return the progress of the reset motion, 0 to 1; open the gripper once the tool is high enough.

        A reset does not count as ended in the call that opens it: the next state shows that the fingers start.
        """
        if self._to_open and self._worker.risen:
            self._to_open = False
            self._gripper.set_width(self._opening)
            return min(0.99, self._worker.progress)
        return self._worker.progress

    def home_gripper(self) -> None:
        """Start to home the hand, which opens and closes. Raises Refused without one."""
        if not self.config.hand:
            raise Refused("gripper", "the arm has no gripper to home: franky.hand is false")
        self._gripper.home()

    def recover(self) -> None:
        """Clear the fault. Raises ArmLost when that fails, or while it is in progress: call again for the result."""
        recovery = self._recovery
        if recovery is None or (recovery.done() and recovery.result()):  # none yet, or the last one failed: try again
            recovery = self._recovery = self._worker.recover()
        try:
            why = recovery.result(timeout=RECOVER_S)
        except TooLong:
            raise ArmLost("the arm is still recovering; call again in a moment") from None
        self._recovery = None
        if why := why or self.read().fault:
            raise ArmLost(why)

    def close(self) -> None:
        """Release the arm and the gripper."""
        self._worker.close()
        self._gripper.close()
