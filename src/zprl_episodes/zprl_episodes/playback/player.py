"""Moves an arm to the start of a recorded episode and along its targets, step by step. No ROS."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Pose
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.recorded_path import RecordedPath, apart, between
from zprl_episodes.playback.settings import PlayerSettings

SOURCE = "policy/playback"
LONGEST_STEP_S = 0.1  # of two states; after a longer silence the playback goes on where it was
PATIENCE_S = 3.0  # time in which the arm must follow, and reach the first pose
SETTLE_S = 1.0  # after the last target, as an arm lags
NEAR_M, NEAR_RAD = 0.02, 0.1  # of the first pose
CAN_FOLLOW = (ArmMode.HOLD, ArmMode.STREAM)
WAITS = {
    ArmMode.DISCONNECTED: "the arm is not connected",
    ArmMode.IDLE: "the arm is not enabled; call arm/enable",
    ArmMode.RESET: "the arm moves to its start",
    ArmMode.FAULT: "the arm has a fault; call arm/recover and arm/enable",
    ArmMode.ESTOP: "the emergency stop is pressed; call arm/release, arm/recover and arm/enable",
}


@dataclass(frozen=True)
class ArmFeedback:
    """The part of an arm's status that a playback depends on."""

    mode: ArmMode
    source: str = ""  # of the command that the arm followed
    person: bool = False
    clipped: bool = False
    reason: str = ""


class Player:
    """Answers each state of the arm with a target, until the end or a reason to stop. Times of states in ns."""

    def __init__(self, path: RecordedPath, settings: PlayerSettings):
        self.report = PlayReport(duration_s=path.duration_s, reason="no status of the arm yet")
        self._path, self._settings = path, settings
        self._feedback: ArmFeedback | None = None
        self._begin: Pose | None = None  # where the approach began
        self._newest_ns: int | None = None
        self._since_s = 0.0  # time in this phase in which the arm followed [s]
        self._idle_s = 0.0  # time for which it has not followed [s]
        self._seen: deque[tuple[float, tuple[float, float, float]]] = deque()  # time of the recording, and tool

    def on_status(self, feedback: ArmFeedback) -> None:
        """Takes the arm's newest status; stops when the arm does, or when someone else moves it."""
        self._feedback = feedback
        phase = self.report.phase
        if phase in (PlayPhase.APPROACHING, PlayPhase.PLAYING):
            if feedback.clipped:
                self.report = replace(self.report, clipped=self.report.clipped + 1, guard=feedback.reason)
            if feedback.person or feedback.source not in ("", SOURCE):
                self._stop(f"{feedback.source or 'an operator'} took over")
            elif feedback.mode not in CAN_FOLLOW:
                self._stop(feedback.reason or WAITS[feedback.mode])
        elif phase == PlayPhase.WAITING:
            why = "" if feedback.mode in CAN_FOLLOW else WAITS[feedback.mode]
            if feedback.person:
                why = f"{feedback.source} moves the arm"
            self.report = replace(self.report, reason=why)

    def answer(self, tool: Pose, stamp_ns: int) -> ArmTarget | None:
        """Returns the target for a state of the arm; None while it waits, and after a stop."""
        step_s = self._step_s(stamp_ns)
        if self._feedback is None or self.report.phase == PlayPhase.STOPPED or self.report.reason:
            return None
        if self.report.phase == PlayPhase.WAITING:
            self._begin = tool
            self._enter(PlayPhase.APPROACHING)
        if self._feedback.mode == ArmMode.STREAM:
            self._since_s, self._idle_s = self._since_s + step_s, 0.0
        else:
            self._idle_s += step_s
        if self._idle_s > PATIENCE_S and not self.report.phase.ended:
            self._stop(f"the arm does not follow: {self._feedback.reason or 'it holds'}")
            return None
        return self._approach(tool) if self.report.phase == PlayPhase.APPROACHING else self._play(tool)

    def _approach(self, tool: Pose) -> ArmTarget | None:
        """Moves straight to the first recorded pose, and leaves the gripper as it is."""
        assert self._begin is not None
        first, s = self._path.measured[0], self._settings
        meters, radians = apart(self._begin, first)
        lasts_s = max(meters / s.approach_m_s, radians / s.approach_rad_s)
        if self._since_s >= lasts_s:
            meters, radians = apart(tool, first)
            if meters <= NEAR_M and radians <= NEAR_RAD:
                self._enter(PlayPhase.PLAYING)
                return self._play(tool)
            if self._since_s > lasts_s + PATIENCE_S:
                why = f" ({self.report.guard})" if self.report.guard else ""
                self._stop(f"the arm stays {meters:.3f} m and {radians:.2f} rad from the first recorded pose{why}")
                return None
        return ArmTarget(between(self._begin, first, min(1.0, self._since_s / lasts_s) if lasts_s else 1.0))

    def _play(self, tool: Pose) -> ArmTarget:
        """Follows the targets at the chosen speed, and then keeps the last one."""
        at_s = self._since_s * self._settings.speed
        if self.report.phase == PlayPhase.PLAYING:
            played_s = min(at_s, self._path.duration_s)
            if at_s <= self._path.duration_s:
                self._seen.append((at_s, tool.position))
            self.report = replace(self.report, played_s=played_s)
            if self._since_s >= self._path.duration_s / self._settings.speed + SETTLE_S:
                self._end(PlayPhase.DONE, "")
        return self._path.target(at_s)

    def _step_s(self, stamp_ns: int) -> float:
        before, self._newest_ns = self._newest_ns, stamp_ns
        return 0.0 if before is None else min(max(0.0, (stamp_ns - before) * 1e-9), LONGEST_STEP_S)

    def _enter(self, phase: PlayPhase) -> None:
        self._since_s = 0.0
        self.report = replace(self.report, phase=phase)

    def _stop(self, why: str) -> None:
        self._end(PlayPhase.STOPPED, why)

    def _end(self, phase: PlayPhase, why: str) -> None:
        self.report = replace(self.report, phase=phase, reason=why)
        if self._seen:
            times, positions = zip(*self._seen, strict=True)
            found = self._path.deviation(times, np.array(positions))
            self.report = replace(
                self.report,
                path_mean=found.path_mean,
                path_max=found.path_max,
                time_mean=found.time_mean,
                time_max=found.time_max,
            )
