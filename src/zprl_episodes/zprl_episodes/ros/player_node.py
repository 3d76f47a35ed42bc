"""The player node plays a recorded episode over the topics of a policy and in its place, under all guards."""

from pathlib import Path

from geometry_msgs.msg import PoseStamped

from zprl_core.arm_action import CartesianAction
from zprl_core.arm_mode import ArmMode
from zprl_core.errors import quoted, remedy
from zprl_core.observation import Pose
from zprl_core.observation_spec import StreamKind, StreamSpec
from zprl_core.ros import parameters, topics
from zprl_core.ros.conversions import command_message, ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.samples import sample_from
from zprl_core.rotation import Rotation
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.player import SOURCE, ArmFeedback, Player
from zprl_episodes.playback.settings import PlayerSettings
from zprl_episodes.ros.bag_path import path_in
from zprl_msgs.msg import ArmStatus

REPORT_S = 0.2


class PlayerNode(ManagedNode):
    """Callbacks store the status; each measured pose of the tool is answered with a command."""

    def __init__(self) -> None:
        super().__init__("policy")
        parameters.declare(self, PlayerSettings())

    def configure(self) -> None:
        s = self.settings = parameters.read(self, PlayerSettings, PlayerSettings())
        self._arm, path = path_in(Path(s.bag))
        self._player = Player(path, s)
        planar = isinstance(self._arm.motion, CartesianAction) and self._arm.motion.rotation == Rotation.YAW
        turned = Rotation.YAW if planar else Rotation.SIX
        name, frame = topics.CURRENT_POSE.name, self._arm.frame
        self._tool = StreamSpec("tool", name, StreamKind.POSE, frame=frame, rotation=turned, tool=True)
        self._said = PlayReport()
        self._commands = topics.ARM_COMMAND.publisher(self)
        topics.ARM_STATUS.subscribe(self, self._on_status)
        topics.CURRENT_POSE.subscribe(self, self._on_pose)
        self.create_timer(REPORT_S, self._report, clock=self.wall)

    def idle(self) -> None:
        self._report()

    def _on_status(self, m: ArmStatus) -> None:
        if self.active and m.mode in set(ArmMode):
            said = quoted(m.source), m.person, m.clipped, quoted(m.reason)
            self._player.on_status(ArmFeedback(ArmMode(m.mode), *said))

    def _on_pose(self, m: PoseStamped) -> None:
        if not self.active:
            return
        try:
            tool = sample_from(self._tool, m)
            if why := self._tool.fault(tool):
                raise ValueError(why)
        except ValueError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
            return
        assert isinstance(tool, Pose)
        target = self._player.answer(tool, ns_from(m.header.stamp))
        if target is not None:
            self._commands.publish(command_message(target, ns_from(m.header.stamp), SOURCE, 0, self._arm.frame))

    def _report(self) -> None:
        now = self._player.report
        if self.settings.report and now != self._said:
            try:
                now.write(Path(self.settings.report))
            except OSError as error:  # the arm must not stop for that
                self.get_logger().error(f"{error}; {remedy(error)}", throttle_duration_sec=5.0)
                return
            self._said = now

    def health(self) -> tuple[str, dict[str, object]]:
        r = self._player.report
        problem = r.reason if r.phase in (PlayPhase.WAITING, PlayPhase.STOPPED) else ""
        return problem, {"phase": r.phase.value, "played": f"{r.played_s:.1f} of {r.duration_s:.1f} s"}


def main() -> None:
    """Entry point."""
    run(PlayerNode)


if __name__ == "__main__":
    main()
