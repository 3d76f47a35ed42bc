"""The arm driver over `ros2_control`: state from the robot's topics, setpoints to one of its controllers.

All calls come from one thread: the control loop at its rate, and `pump` more often from a timer. No call blocks. No
topic reports an inactive controller or a paused program on the pendant: FollowWatch detects that the arm does not
follow, and the driver then stops.
"""

import math
import time
from collections.abc import Callable

from zprl_control.driver import ArmLost, ArmState
from zprl_control.safety.checks import Refused
from zprl_core.target import Pose6, Target
from zprl_hardware.ros2_control.commander import Commander
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_hardware.ros2_control.gripper import ActionGripper
from zprl_hardware.ros2_control.homing import Homing
from zprl_hardware.ros2_control.link import ControllerLink
from zprl_hardware.ros2_control.measurements import Measured, Measurements
from zprl_hardware.ros2_control.motion import Interpolator
from zprl_hardware.ros2_control.rise import REACH
from zprl_hardware.ros2_control.watch import LEAD_RAD, FollowWatch

REST_RAD_S = 0.02  # speed below which a joint stands still
REACH_S = 1.0  # a tool target may be out of the joints' reach for this long


class Ros2ControlDriver:
    """Implements `zprl_control.driver.Driver`."""

    def __init__(
        self,
        config: Ros2ControlConfig,
        measured: Measurements,
        link: ControllerLink,
        period_s: float = 0.05,
        clock: Callable[[], float] = time.monotonic,
    ):
        """`period_s`: time from one target to the next. `clock`: the clock of the arrival times in `measured` [s]."""
        self.config, self._measured, self._link = config, measured, link
        self._period_s, self._clock = period_s, clock
        self._commander = Commander(config, measured, link, period_s)
        self._gripper = ActionGripper(config, measured, link)
        self._watch = FollowWatch(config)
        self._motion: Interpolator | Homing | None = None  # streamed to the controller; None while nothing is
        self._begun: Pose6 | None = None  # the first target since `begin`, until another one replaces it
        self._homing: Homing | None = None  # the motion to the start, until it arrived or was halted
        self._fault = ""  # why the arm stopped, until `recover`
        self._reached_s: float | None = None  # when the joints last reached the tool's target
        self._latest: Measured | None = None  # of the last `read` or `connect`

    def connect(self) -> None:
        """Raises ArmLost while a topic is silent, a name is unknown, or no controller subscribes to the commands."""
        self._leave()
        self._fault = ""
        now = self._latest = self._measured.look()
        if why := self._silence(now):
            raise ArmLost(why)
        self._measured.chain()
        if not self._link.listeners:
            raise ArmLost(self._unsubscribed)

    def read(self) -> ArmState:
        """Returns the newest state. Raises ArmLost when the robot's topics are silent for `lost_s`, or unusable."""
        try:
            now = self._latest = self._measured.look()
        except ArmLost:
            self._leave()
            raise
        now_s, silence = self._clock(), self._silence(now)
        if now_s - now.read_s > self.config.lost_s:
            self._leave()
            raise ArmLost(silence)
        self._gripper.poll(now_s)
        if self._motion is not None:
            self._fault = self._fault or silence or self._stops(now, now_s)
        self._watch_homing(now, now_s)
        return ArmState(
            read_s=now.read_s,
            joints=now.joints,
            joint_velocities=now.velocities,
            pose=now.pose,
            twist=now.twist,
            wrench=now.wrench,
            width=self._gripper.width,
            fault=self._fault,
            gripper=self._gripper.state(now_s),
        )

    def begin(self, target: Target) -> None:
        """Starts following targets, from the measured state. The gripper stays until a target has another width."""
        self._gripper.keep(target.width)
        self._homing, self._begun = None, target.pose
        self._reached_s, self._commander.remaining = None, 0.0
        speed = self.config.joint_speed if self._commander.in_joints else math.inf
        self._motion = Interpolator(self._commander.here(self._now), self._period_s, speed)
        self._watch.begin()

    def set_target(self, target: Target) -> None:
        """Sets the newest target. One that the controller cannot follow stops the arm at the next `read`."""
        self._gripper.set_width(target.width)
        if not isinstance(self._motion, Interpolator):
            return
        if target.joints is None and target.pose == self._begun:
            return  # the arm is there; without a URDF, no joints could be solved for this pose
        self._begun = None
        try:
            self._motion.towards(self._commander.values(target, self._motion.goal), self._clock())
        except (Refused, ArmLost) as refused:
            self._fault = self._fault or str(refused)

    def pump(self) -> None:
        """Sends the setpoint of this instant, when it is due; a timer calls it at `stream_rate`."""
        if self._motion is not None and not self._fault:
            self._commander.stream(self._motion, self._clock())

    def halt(self) -> None:
        """Stops following: the controller gets the measured state; joints that still move keep their last command."""
        moved = self._motion is not None
        self._motion = self._homing = None
        self._gripper.halt()
        if moved and not self._silence(self._now) and not (self._commander.in_joints and self._moves(self._now)):
            self._commander.send(self._commander.here(self._now))

    def reset(self) -> None:
        """Starts the slow motion to home, on which the gripper opens once the tool is as high as there.

        Fingers that open beside a wall catch on it, and a tool that does not rise first may catch on what it is in.
        """
        self._commander.remaining = 0.0
        chain, sent = self._measured.chain(), self._commander.sent
        self._homing = self._motion = Homing(self.config, chain, self._now, sent, self._clock())
        self._watch.begin()

    def progress(self) -> float:
        """Progress of the reset motion, 0 to 1; below 1 until the arm itself has arrived."""
        return 1.0 if self._homing is None else min(0.99, self._homing.part(self._clock()))

    def home_gripper(self) -> None:
        """Raises Refused: ros2_control has no command for it."""
        raise Refused("gripper", "a gripper of ros2_control is homed by its own driver, not by zprl; see its manual")

    def recover(self) -> None:
        """Clears the fault. Raises ArmLost while a topic is silent or no controller subscribes."""
        now = self._measured.look()
        why = self._silence(now) or ("" if self._link.listeners else self._unsubscribed)
        if why:
            raise ArmLost(why)
        self._motion = self._homing = None
        self._fault = ""

    def close(self) -> None:
        """Stops sending."""
        self._leave()

    @property
    def _now(self) -> Measured:
        """The state that was read last."""
        assert self._latest is not None, "read the arm before it moves"
        return self._latest

    def _moves(self, now: Measured) -> bool:
        """True while the joints move, or have arrived: a step back would be a jerk."""
        sent = self._commander.sent or now.joints
        near = max(abs(a - b) for a, b in zip(sent, now.joints, strict=True)) <= LEAD_RAD
        return near or max(map(abs, now.velocities)) > REST_RAD_S

    def _leave(self) -> None:
        self._motion = self._homing = None
        self._gripper.halt()

    def _stops(self, now: Measured, now_s: float) -> str:
        if not self._link.listeners:
            return self._unsubscribed
        return self._watch.check(self._commander.sent, now, now_s) or self._unreached(now_s)

    def _unreached(self, now_s: float) -> str:
        """Returns why the joints cannot bring the tool to its target; "" if they can, or have not failed for long."""
        far = self._commander.remaining
        if far <= REACH or self._reached_s is None:
            self._reached_s = now_s
        if now_s - self._reached_s <= REACH_S:
            return ""
        return (
            f"the tool's target has been out of the joints' reach by {far:.3f} m or rad for {REACH_S:g} s; narrow "
            f"limits.low and limits.high to what the arm can reach"
        )

    def _silence(self, now: Measured) -> str:
        """The topic that is silent, as an error message; "" when none is."""
        age_s = self._clock() - now.read_s
        if age_s <= self.config.silence_s:
            return ""
        return (
            f"{now.oldest} has been silent for {age_s:.2f} s, {self.config.silence_s:g} s are allowed "
            f"(ros2_control.silence_s); check that the robot's driver runs and its broadcaster is active"
        )

    @property
    def _unsubscribed(self) -> str:
        c = self.config
        name = "ros2_control.controller" if c.command_interface.in_joints else "ros2_control.target_pose"
        return (
            f"no controller subscribes to {c.command_topic}; load and activate it (`ros2 control "
            f"list_controllers`), or set {name}"
        )

    def _watch_homing(self, now: Measured, now_s: float) -> None:
        """Ends the motion to the start when the arm has arrived, or stops the arm when it does not."""
        homing = self._homing
        if homing is None:
            return
        if why := homing.look(now, now_s):
            self._fault = self._fault or why
            return
        if homing.risen:
            self._gripper.set_width(self.config.gripper_width)
        if homing.over_s(now_s) < 0.0:
            return
        ways = zip(homing.end, self._commander.here(now), strict=True)
        far = max(abs(math.remainder(a - b, 2 * math.pi)) for a, b in ways)
        if far <= self.config.reset_tolerance:
            self._homing = None
        elif homing.over_s(now_s) > self.config.settle_s:
            self._fault = self._fault or (
                f"the arm did not arrive at its start: {far:.3f} rad or m remain after {self.config.settle_s:g} s; "
                f"clear its path, or raise ros2_control.reset_tolerance"
            )
