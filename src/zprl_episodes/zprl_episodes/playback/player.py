"""Moves an arm to the start of a recorded episode and along its targets, step by step. No ROS."""

from collections import deque
from dataclasses import asdict, dataclass, replace

import numpy as np

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Pose
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.recorded_path import RecordedPath, apart, between
from zprl_episodes.playback.settings import PlayerSettings

SOURCE = "policy/playback"
LONGEST_STEP_S = 0.1  # of two states; after a longer gap the playback goes on where it was
LONGEST_GAP_S = 0.5  # of two states or statuses; a longer one ends the playback
PATIENCE_S = 3.0  # time in which the arm must follow, and reach the first pose
SETTLE_S = 1.0  # after the last target, as an arm lags
NEAR_M, NEAR_RAD = 0.02, 0.1  # of the first pose
CAN_FOLLOW = (ArmMode.HOLD, ArmMode.STREAM)
MOVES = (PlayPhase.APPROACHING, PlayPhase.PLAYING)
NO_STATUS, NO_POSE = "no status of the arm yet", "no measured pose of the tool yet"
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

    @property
    def other(self) -> str:
        """The operator or program that moves the arm in the player's place; "" for none."""
        if self.person or self.source not in ("", SOURCE):
            return self.source or "an operator"
        return ""


class Player:
    """Answers each state of the arm with a target, until the end or a reason to stop. Times of states in ns.

    It ends for good: whatever happens later, nothing is commanded any more.
    """

    def __init__(self, path: RecordedPath, settings: PlayerSettings):
        self.report = PlayReport(duration_s=path.duration_s, reason=NO_STATUS)
        self.left_arm = False  # it has ended while the arm followed it, so that its silence would become a fault
        self._path, self._settings = path, settings
        self._feedback: ArmFeedback | None = None
        self._arm_waits, self._pose_waits = NO_STATUS, NO_POSE  # what the start waits for; "" for nothing
        self._begin: Pose | None = None  # where the approach began
        self._newest_ns: int | None = None
        self._unheard_s = 0.0  # time of the states since the newest status [s]
        self._since_s = 0.0  # time in this phase in which the arm followed [s]
        self._idle_s = 0.0  # time for which it has not followed [s]
        self._seen: deque[tuple[float, tuple[float, float, float]]] = deque()  # time of the recording, and tool

    def on_status(self, feedback: ArmFeedback) -> None:
        """Takes the arm's newest status; stops when the arm does, or when someone else moves it."""
        phase = self.report.phase
        if phase.ended:
            return
        self._feedback, self._unheard_s = feedback, 0.0
        if phase == PlayPhase.WAITING:
            other = feedback.other
            self._arm_waits = f"{other} moves the arm" if other else WAITS.get(feedback.mode, "")
            self._wait()
            return
        if feedback.clipped:
            self.report = replace(self.report, clipped=self.report.clipped + 1, guard=feedback.reason)
        if feedback.other:
            self.stop(f"{feedback.other} took over")
        elif feedback.mode not in CAN_FOLLOW:
            self.stop(feedback.reason or WAITS[feedback.mode])

    def refuse(self, why: str) -> None:
        """Takes the reason why a measured pose cannot be used: the start waits for another one, and a motion stops."""
        if self.report.phase == PlayPhase.WAITING:
            self._pose_waits = why
            self._wait()
        else:
            self.stop(why)

    def stop(self, why: str) -> None:
        """Ends the playback, unless it has ended."""
        if not self.report.phase.ended:
            self._end(PlayPhase.STOPPED, why)

    def answer(self, tool: Pose, stamp_ns: int) -> ArmTarget | None:
        """Returns the target for a state of the arm; None while it waits, and after the end."""
        gap_s = self._gap_s(stamp_ns)
        if self.report.phase == PlayPhase.WAITING:
            self._pose_waits = ""
            self._wait()
            if not self.report.reason:
                self._begin = tool
                self._enter(PlayPhase.APPROACHING)
        else:
            self._check_silence(gap_s)
        if self.report.phase not in MOVES:
            return None
        self._count(min(gap_s, LONGEST_STEP_S))
        if self.report.phase == PlayPhase.APPROACHING:
            return self._approach(tool)
        return self._play(tool) if self.report.phase == PlayPhase.PLAYING else None

    def compare(self) -> None:
        """Adds the distances to the report of a playback that has ended.

        It may take a second, too long for a callback while the arm moves.
        """
        if not self.report.phase.ended or not self._seen:
            return
        times, positions = zip(*self._seen, strict=True)
        self._seen.clear()
        self.report = replace(self.report, **asdict(self._path.deviation(times, np.array(positions))))

    def _wait(self) -> None:
        self.report = replace(self.report, reason=self._arm_waits or self._pose_waits)

    def _check_silence(self, gap_s: float) -> None:
        """Stops after a silence, in which anything may have happened to the arm."""
        self._unheard_s += gap_s
        for what, silence_s in (("state", gap_s), ("status", self._unheard_s)):
            if silence_s > LONGEST_GAP_S:
                self.stop(f"no {what} of the arm for {silence_s:.1f} s")

    def _count(self, step_s: float) -> None:
        """Counts the time in which the arm follows; stops when it has not for too long."""
        assert self._feedback is not None
        if self._feedback.mode == ArmMode.STREAM:
            self._since_s, self._idle_s = self._since_s + step_s, 0.0
        else:
            self._idle_s += step_s
        if self._idle_s > PATIENCE_S:
            self.stop(f"the arm does not follow: {self._feedback.reason or 'it holds'}")

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
                self.stop(f"the arm stays {meters:.3f} m and {radians:.2f} rad from the first recorded pose{why}")
                return None
        return ArmTarget(between(self._begin, first, min(1.0, self._since_s / lasts_s) if lasts_s else 1.0))

    def _play(self, tool: Pose) -> ArmTarget | None:
        """Follows the targets at the chosen speed, and ends a moment after the last one."""
        at_s, duration_s = self._since_s * self._settings.speed, self._path.duration_s
        if at_s <= duration_s:
            self._seen.append((at_s, tool.position))
        self.report = replace(self.report, played_s=min(at_s, duration_s))
        if self._since_s >= duration_s / self._settings.speed + SETTLE_S:
            self._end(PlayPhase.DONE, "")
            return None
        return self._path.target(at_s)

    def _gap_s(self, stamp_ns: int) -> float:
        """Returns the time since the state before [s]."""
        before, self._newest_ns = self._newest_ns, stamp_ns
        return 0.0 if before is None else max(0.0, (stamp_ns - before) * 1e-9)

    def _enter(self, phase: PlayPhase) -> None:
        self._since_s = 0.0
        self.report = replace(self.report, phase=phase)

    def _end(self, phase: PlayPhase, why: str) -> None:
        now = self._feedback
        free = now is not None and now.mode in CAN_FOLLOW and not now.other
        self.left_arm = free and self.report.phase in MOVES
        self.report = replace(self.report, phase=phase, reason=why)
