"""The player node plays a recorded episode over the topics of a policy and in its place, under all guards."""

from pathlib import Path

from geometry_msgs.msg import PoseStamped
from std_srvs.srv import Trigger

from zprl_core.arm_mode import ArmMode
from zprl_core.errors import USER_ERROR, quoted, remedy
from zprl_core.observation import Pose
from zprl_core.ros import parameters, services, topics
from zprl_core.ros.conversions import command_message, ns_from
from zprl_core.ros.managed_node import ManagedNode, run
from zprl_core.ros.samples import sample_from
from zprl_episodes.playback.play_report import PlayPhase, PlayReport
from zprl_episodes.playback.player import SOURCE, ArmFeedback, Player
from zprl_episodes.playback.settings import PlayerSettings
from zprl_episodes.playback.tool_stream import tool_stream
from zprl_episodes.ros.bag_path import path_in
from zprl_msgs.msg import ArmStatus

REPORT_S = 0.2


class PlayerNode(ManagedNode):
    """Callbacks store the status; each measured pose of the tool is answered with a command."""

    def __init__(self) -> None:
        super().__init__("policy")
        parameters.declare(self, PlayerSettings())
        self._lost = False  # the result cannot be written

    def configure(self) -> None:
        s = self.settings = parameters.read(self, PlayerSettings, PlayerSettings())
        self._arm, path = path_in(Path(s.bag))
        self._player = Player(path, s)
        self._tool = tool_stream(self._arm)
        self._held = False
        self._said = PlayReport()
        self._commands = topics.ARM_COMMAND.publisher(self)
        self._hold = services.ARM_HOLD.client(self)
        topics.ARM_STATUS.subscribe(self, self._on_status)
        topics.CURRENT_POSE.subscribe(self, self._on_pose)
        self.create_timer(REPORT_S, self._report, clock=self.wall)

    def idle(self) -> None:
        """Ends the playback for good, as the arm may be anywhere when the node is activated again."""
        self._player.stop("the player node was deactivated")
        self._leave()
        self._report()

    def step(self) -> None:
        """Ends the node when its result cannot be written: the program that waits for it would never end."""
        if self._lost:
            raise SystemExit(USER_ERROR)

    def _on_status(self, m: ArmStatus) -> None:
        if m.mode in set(ArmMode):
            said = quoted(m.source), m.person, m.clipped, quoted(m.reason)
            self._player.on_status(ArmFeedback(ArmMode(m.mode), *said))
            self._leave()

    def _on_pose(self, m: PoseStamped) -> None:
        if not self.active:
            return
        stamp_ns = ns_from(m.header.stamp)
        try:
            tool = sample_from(self._tool, m)
            if why := self._tool.fault(tool):
                raise ValueError(why)
        except ValueError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=5.0)
            self._player.refuse(str(error))
        else:
            assert isinstance(tool, Pose)
            target = self._player.answer(tool, stamp_ns)
            if target is not None:
                self._commands.publish(command_message(target, stamp_ns, SOURCE, 0, self._arm.frame))
        self._leave()

    def _leave(self) -> None:
        """Asks the arm to hold, once, where the playback ends while the arm follows it."""
        if self._player.left_arm and not self._held:
            self._held = True
            if self._hold.service_is_ready():
                self._hold.call_async(Trigger.Request())

    def _report(self) -> None:
        """Writes the report when it has changed."""
        self._player.compare()
        now = self._player.report
        if not self.settings.report or now == self._said:
            return
        try:
            now.write(Path(self.settings.report))
        except OSError as error:
            if not now.phase.ended:  # the arm must not stop for that
                self.get_logger().error(f"{error}; {remedy(error)}", throttle_duration_sec=5.0)
                return
            self._lost = True
            end = ": ".join(filter(None, (now.phase.value, now.reason)))
            why = f"{error}; {remedy(error)}"
            self.get_logger().fatal(f"the playback is {end}, but its result cannot be written: {why}")
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
