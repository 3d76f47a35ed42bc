"""A playback on a made-up arm of 20 states a second, which reaches each target one state later."""

from dataclasses import dataclass, field, replace

import pytest

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Pose
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.player import SOURCE, ArmFeedback, Player
from zprl_episodes.playback.recorded_path import RecordedPath
from zprl_episodes.playback.settings import PlayerSettings

PERIOD_S = 0.05
# 10 cm along x in 1 s
TIMES = tuple(round(PERIOD_S * k, 2) for k in range(21))
PLACES = tuple(Pose((0.4 + 0.1 * t, 0.0, 0.2)) for t in TIMES)
PATH = RecordedPath(TIMES, tuple(ArmTarget(pose, 0.08) for pose in PLACES), PLACES)

HOLD = ArmFeedback(ArmMode.HOLD)


@dataclass
class Arm:
    """Follows the player while `follows`."""

    player: Player
    tool: Pose = PLACES[0]
    feedback: ArmFeedback = HOLD
    follows: bool = True
    stamp_ns: int = 0
    targets: list[ArmTarget] = field(default_factory=list)

    def step(self, count: int = 1) -> "Arm":
        for _ in range(count):
            self.stamp_ns += round(PERIOD_S * 1e9)
            self.player.on_status(self.feedback)
            target = self.player.answer(self.tool, self.stamp_ns)
            if target is None:
                continue
            self.targets.append(target)
            if self.follows:
                self.tool, self.feedback = target.pose, replace(self.feedback, mode=ArmMode.STREAM, source=SOURCE)
        return self

    def until(self, *phases: PlayPhase) -> PlayReport:
        for _ in range(2000):
            if self.player.report.phase in phases:
                self.player.compare()
                return self.player.report
            self.step()
        raise AssertionError(f"it stays {self.player.report}")


def arm(speed: float = 0.5, **more: object) -> Arm:
    return Arm(Player(PATH, PlayerSettings(speed=speed)), **more)  # type: ignore[arg-type]


ENDED = (PlayPhase.DONE, PlayPhase.STOPPED)


def test_at_half_speed_it_takes_twice_as_long() -> None:
    played = {}
    for speed in (0.5, 1.0):
        one = arm(speed)
        assert one.until(*ENDED).phase == PlayPhase.DONE
        # the states before the end of the path; the first is of the approach, which is over at once
        played[speed] = sum(t.pose.position[0] < 0.4999 for t in one.targets)
    assert played[1.0] in (20, 21, 22) and played[0.5] in (40, 41, 42)


def test_the_report_says_how_far_the_tool_was() -> None:
    """A state late: 0.1 m/s at half speed is 2.5 mm a state, on the path."""
    report = arm().until(*ENDED)
    assert (report.played_s, report.duration_s, report.clipped) == (1.0, 1.0, 0)
    assert report.path_max == pytest.approx(0.0, abs=1e-9)
    assert report.time_max == pytest.approx(0.0025, abs=1e-6) and 0.002 < report.time_mean <= report.time_max


def test_it_first_moves_slowly_to_the_first_recorded_pose_and_keeps_the_gripper() -> None:
    one = arm(tool=Pose((0.4, 0.1, 0.2)))
    one.until(PlayPhase.PLAYING)
    ways = [abs(b.pose.position[1] - a.pose.position[1]) for a, b in zip(one.targets, one.targets[1:], strict=False)]
    assert 39 <= len(one.targets) <= 44  # 0.1 m at 0.05 m/s are 2 s
    assert max(ways) == pytest.approx(0.05 * PERIOD_S)
    assert all(t.width != t.width for t in one.targets[:-1]) and one.targets[-1].width == 0.08


@pytest.mark.parametrize(
    "later",
    [
        ArmFeedback(ArmMode.STREAM, SOURCE, clipped=True, reason="speed"),
        ArmFeedback(ArmMode.ESTOP, reason="emergency stop"),
        ArmFeedback(ArmMode.STREAM, "teleop/gamepad", person=True),
    ],
)
def test_after_the_end_nothing_moves_the_arm_again(later: ArmFeedback) -> None:
    """An operator moves the arm away and lets it go, or stops and enables it: it stays there."""
    one = arm()
    report = one.until(*ENDED)
    sent, one.feedback = len(one.targets), later
    one.step(3)
    one.feedback = HOLD
    one.step(3)
    one.player.refuse("the tool is tilted")
    one.player.stop("deactivated")
    assert len(one.targets) == sent and one.player.report == report and report.phase == PlayPhase.DONE


def test_the_arm_is_asked_to_hold_only_where_the_playback_leaves_it() -> None:
    """After an operator or a fault it is theirs."""
    assert not arm().player.left_arm
    one = arm()
    one.until(*ENDED)
    assert one.player.left_arm
    for feedback in (ArmFeedback(ArmMode.STREAM, "teleop/gamepad", person=True), ArmFeedback(ArmMode.FAULT)):
        one = arm()
        one.until(PlayPhase.PLAYING)
        one.feedback = feedback
        assert one.step().player.report.phase == PlayPhase.STOPPED and not one.player.left_arm
    one = arm(feedback=ArmFeedback(ArmMode.IDLE)).step()
    one.player.stop("deactivated")
    assert one.player.report == PlayReport(PlayPhase.STOPPED, "deactivated", duration_s=1.0)
    assert not one.player.left_arm


@pytest.mark.parametrize("phase", [PlayPhase.WAITING, PlayPhase.APPROACHING, PlayPhase.PLAYING])
def test_a_stop_is_for_good(phase: PlayPhase) -> None:
    one = arm(tool=Pose((0.4, 0.1, 0.2)))
    one.until(phase)
    one.player.stop("deactivated")
    sent = len(one.targets)
    one.step(5)
    assert len(one.targets) == sent and one.player.report.reason == "deactivated"


@pytest.mark.parametrize(
    ("feedback", "why"),
    [
        (ArmFeedback(ArmMode.IDLE), "the arm is not enabled; call arm/enable"),
        (ArmFeedback(ArmMode.ESTOP), "the emergency stop is pressed"),
        (ArmFeedback(ArmMode.FAULT), "the arm has a fault"),
        (ArmFeedback(ArmMode.RESET), "the arm moves to its start"),
        (ArmFeedback(ArmMode.STREAM, "teleop/gamepad", person=True), "teleop/gamepad moves the arm"),
        (ArmFeedback(ArmMode.STREAM, "target_pose"), "target_pose moves the arm"),
        (ArmFeedback(ArmMode.HOLD, person=True), "an operator moves the arm"),
    ],
)
def test_it_waits_for_the_arm_and_says_why(feedback: ArmFeedback, why: str) -> None:
    one = arm(feedback=feedback).step(5)
    assert one.targets == [] and one.player.report.phase == PlayPhase.WAITING and why in one.player.report.reason
    one.feedback = HOLD
    assert one.until(*ENDED).phase == PlayPhase.DONE


@pytest.mark.parametrize(
    ("feedback", "why"),
    [
        (ArmFeedback(ArmMode.FAULT, reason="a force of 40 N"), "a force of 40 N"),
        (ArmFeedback(ArmMode.ESTOP), "the emergency stop is pressed"),
        (ArmFeedback(ArmMode.STREAM, "teleop/keyboard", person=True), "teleop/keyboard took over"),
        (ArmFeedback(ArmMode.STREAM, "policy"), "policy took over"),
        (ArmFeedback(ArmMode.RESET), "the arm moves to its start"),
    ],
)
@pytest.mark.parametrize("phase", [PlayPhase.APPROACHING, PlayPhase.PLAYING])
def test_it_stops_for_good_when_the_arm_does_or_an_operator_takes_over(
    feedback: ArmFeedback, why: str, phase: PlayPhase
) -> None:
    one = arm(tool=Pose((0.4, 0.1, 0.2)))
    one.until(phase)
    one.step(5)
    one.feedback, sent = feedback, len(one.targets)
    one.step()
    one.player.compare()
    assert one.player.report.phase == PlayPhase.STOPPED and why in one.player.report.reason
    one.feedback = ArmFeedback(ArmMode.STREAM, SOURCE)
    one.step(20)
    assert len(one.targets) == sent and one.player.report.phase == PlayPhase.STOPPED
    assert (one.player.report.time_max > 0.0) == (phase == PlayPhase.PLAYING)


def test_while_the_arm_holds_the_playback_waits_and_then_gives_up() -> None:
    one = arm()
    one.until(PlayPhase.PLAYING)
    one.step(10)
    played_s = one.player.report.played_s
    one.feedback, one.follows = ArmFeedback(ArmMode.HOLD, reason="camera front is silent"), False
    one.step(20)
    assert one.player.report.phase == PlayPhase.PLAYING and one.player.report.played_s == pytest.approx(
        played_s, abs=0.03
    )
    one.step(60)
    assert "the arm does not follow: camera front is silent" in one.player.report.reason


def test_a_short_gap_of_the_states_costs_no_part_of_the_path() -> None:
    one = arm()
    one.until(PlayPhase.PLAYING)
    one.step(5)
    before_s = one.player.report.played_s
    one.stamp_ns += 400_000_000
    one.step()
    assert one.player.report.phase == PlayPhase.PLAYING and one.player.report.played_s - before_s <= 0.051


@pytest.mark.parametrize("phase", [PlayPhase.APPROACHING, PlayPhase.PLAYING])
def test_a_longer_silence_of_the_arm_ends_it(phase: PlayPhase) -> None:
    one = arm(tool=Pose((0.4, 0.1, 0.2)))
    one.until(phase)
    one.step(5)
    sent = len(one.targets)
    one.stamp_ns += 600_000_000
    one.step(5)
    assert one.player.report.phase == PlayPhase.STOPPED and len(one.targets) == sent
    assert one.player.report.reason == "no state of the arm for 0.7 s"  # with the one after it


def test_states_without_a_status_end_it() -> None:
    one = arm()
    one.until(PlayPhase.PLAYING)
    for k in range(1, 15):
        one.player.answer(one.tool, one.stamp_ns + k * 60_000_000)
    assert one.player.report.reason == "no status of the arm for 0.5 s"


def test_a_refused_pose_is_the_reason_to_wait_and_on_the_way_it_ends_it() -> None:
    player = arm().player
    assert player.report.reason == "no status of the arm yet"
    player.on_status(HOLD)
    assert player.report.reason == "no measured pose of the tool yet"
    player.refuse("the tool is tilted")
    player.on_status(HOLD)
    assert player.report == PlayReport(reason="the tool is tilted", duration_s=1.0)
    player.on_status(ArmFeedback(ArmMode.IDLE))
    assert "the arm is not enabled" in player.report.reason
    player.on_status(HOLD)
    assert player.answer(PLACES[0], 1) is not None and player.report.reason == ""
    player.refuse("the tool is tilted")
    assert (player.report.phase, player.report.reason) == (PlayPhase.STOPPED, "the tool is tilted")


def test_an_arm_that_a_guard_keeps_away_from_the_start_is_named() -> None:
    one = arm(tool=Pose((0.4, 0.1, 0.2)), follows=False)
    one.feedback = ArmFeedback(ArmMode.STREAM, SOURCE, clipped=True, reason="y=0.1 is outside the workspace")
    report = one.until(PlayPhase.STOPPED)
    assert "the arm stays 0.100 m and 0.00 rad from the first recorded pose (y=0.1 is outside" in report.reason
    assert report.clipped > 40 and report.guard == "y=0.1 is outside the workspace"
