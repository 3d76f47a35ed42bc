"""A Franka arm through franky. Everything of franky's lives in one thread, the gripper in another.

Targets go to what `control` chose, an impedance tracker unless told otherwise. A reset is a slow joint motion. Faults
of the arm's own control (reflexes) are told in the state, and cleared only when a person asks for it.
"""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from dataclasses import replace

from zprl_control.driver import ArmLost, ArmState
from zprl_core.target import Target
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.conversions import errors_from
from zprl_hardware.franka.gripper import FrankyGripper
from zprl_hardware.franka.worker import FrankyWorker

RECOVER_S = 0.5  # how long a person's call to recover waits for the arm

__all__ = ["Control", "FrankyConfig", "FrankyDriver", "errors_from"]


class FrankyDriver:
    """The backend. Its methods leave word for the worker, and return what is known."""

    def __init__(self, config: FrankyConfig, period_s: float = 0.05, opening: float = 0.08):
        """`period_s`: from one target to the next. `opening`: how wide the gripper may open [m]."""
        self.config, self._opening = config, opening
        self._gripper = FrankyGripper(config.hostname)
        self._worker = FrankyWorker(config, period_s, on_lost=self._gripper.forget, on_open=self._gripper.open)
        self._recovery: Future[str] | None = None  # that nobody has heard the end of

    def connect(self) -> None:
        """Raises ArmLost until the arm has answered; it is tried on in the background."""
        self._worker.want()
        self.read()

    def read(self) -> ArmState:
        """The newest state. Raises ArmLost when the arm is gone."""
        state = self._worker.state
        if state is None or not self._worker.served:
            raise ArmLost(f"the arm at {self.config.hostname} is not reachable: {self._worker.lost}")
        return replace(state, width=self._gripper.width, gripper_trouble=self._gripper.trouble)

    def begin(self, target: Target) -> None:
        """Follow targets from now on. The gripper stays as it is until it is told a width that it has not."""
        self._gripper.keep(target.width)
        self._worker.follow(target)

    def set_target(self, target: Target) -> None:
        """The newest target."""
        self._worker.set_target(target)
        self._gripper.set_width(target.width)

    def halt(self) -> None:
        """Follow nothing any more."""
        self._worker.halt()
        self._gripper.halt()

    def reset(self) -> None:
        """Open the gripper, and begin the slow motion to the start."""
        self._gripper.set_width(self._opening)
        self._worker.go_home()

    def progress(self) -> float:
        """Of the reset motion."""
        return self._worker.progress

    def recover(self) -> None:
        """Clear the fault. Raises ArmLost when that fails; or lasts, then it goes on, and asking again tells."""
        begun = self._recovery
        if begun is None or (begun.done() and begun.result()):  # a refusal may have mended itself since
            begun = self._recovery = self._worker.recover()
        try:
            why = begun.result(timeout=RECOVER_S)
        except TooLong:
            raise ArmLost("the arm is still recovering; ask again in a moment") from None
        self._recovery = None
        if why := why or self.read().fault:
            raise ArmLost(why)

    def close(self) -> None:
        self._worker.close()
        self._gripper.close()
