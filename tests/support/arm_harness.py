"""An arm session over the real franky driver and the simulated FCI, in step with simulated time."""

import time
from collections.abc import Callable
from dataclasses import replace

from zprl_control.report import Report
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.limits import Limits
from zprl_control.session import RECONNECT_S, ArmSession
from zprl_core.arm_mode import ArmMode
from zprl_core.target import Pose6, Target
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.driver import FrankyDriver
from zprl_hardware.franka.kinematics import tool_at
from zprl_sim.fci.simulator import FciSim

PERIOD_S = 0.05  # 20 Hz
LIMITS = replace(Limits(), torque=20.0)


class ArmHarness:
    """One arm. Its session's clock advances by a period with each tick, however long that takes."""

    def __init__(self, hostname: str, control: Control, fci: FciSim | None = None, limits: Limits = LIMITS):
        self.fci = fci
        config = FrankyConfig(hostname=hostname, enforce_realtime=False, control=control)
        self.arm = FrankyDriver(config)
        self.session = ArmSession(self.arm, limits, PERIOD_S, binary_gripper=config.binary_gripper, tool_at=tool_at)
        self.now = time.monotonic() - 600.0  # behind the clock that the arm's state is stamped with: it is never old

    def tick(self) -> Report:
        """One control step: a period of simulated time, or of real time without a simulation."""
        if self.fci is not None and self.fci.running:
            self.fci.wait(PERIOD_S)
        else:
            time.sleep(PERIOD_S)
        skip = self.session.mode == ArmMode.DISCONNECTED and self.now + RECONNECT_S < time.monotonic()
        self.now += RECONNECT_S if skip else PERIOD_S  # the next try to connect is not worth waiting for
        return self.session.tick(self.now)

    def until(self, condition: Callable[[Report], bool], seconds: float = 600.0) -> Report:
        """Tick until it is so. Raises AssertionError after `seconds` of ticks."""
        for _ in range(round(seconds / PERIOD_S)):
            if condition(report := self.tick()):
                return report
        raise AssertionError(f"still {report.mode.name} after {seconds:g} s: {report.reason}")

    def follow(self, pose: Pose6, width: float = 0.08) -> Report:
        """Command a pose in the middle of a period, and tick at its end."""
        why = self.session.command(Target(pose, width), "test", Priority.TOOL, self.now + PERIOD_S / 2)
        assert why == "", f"{why} ({self.tick().reason})"
        return self.tick()

    def go(self, pose: Pose6, seconds: float, width: float = 0.08) -> Report:
        """Command a pose for so long."""
        for _ in range(round(seconds / PERIOD_S)):
            report = self.follow(pose, width)
        return report

    def ready(self) -> Report:
        """Armed and holding at its start, whatever was before."""
        self.armed()
        self.session.reset()
        self.until(lambda report: report.mode == ArmMode.HOLD)
        return self.tick()

    def armed(self) -> Report:
        """Holding where it is, whatever was before."""
        session = self.session
        if session.mode == ArmMode.DISCONNECTED:
            self.until(lambda report: report.mode != ArmMode.DISCONNECTED)
        if session.mode == ArmMode.ESTOP:
            session.release()
        if session.mode == ArmMode.FAULT:
            session.recover()
        if session.mode == ArmMode.IDLE:
            self.tick()
            session.enable()
        session.pause()
        if session.mode == ArmMode.HOLD:
            session.enable()  # whatever a person held
        return self.until(lambda report: report.mode == ArmMode.HOLD)

    def close(self) -> None:
        """Let the arm go."""
        self.session.close()
