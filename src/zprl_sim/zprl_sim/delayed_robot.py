"""The simulated robot with the latency of a real arm, to pretrain policies for one."""

import math
from collections.abc import Mapping

from zprl_control.safety.guard import Guard
from zprl_control.safety.interpolator import JointInterpolator, Setpoint, SetpointInterpolator
from zprl_control.safety.limits import Limits
from zprl_core.action import ArmTarget
from zprl_core.obs import Obs
from zprl_core.observation import Observation, Pose
from zprl_core.target import Pose6, Target
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SUBSTEPS, SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, SimArm
from zprl_sim.tasks.task import Task

SLICES = 5  # slices of a control step, each with its own joint target
PATIENCE = 3.0  # time limit as a multiple of the task's own
FINGERS = 0.1 / 2  # speed of one finger [m/s]


class DelayedRobot(SimRobot):
    """A simulated robot behind the guards, with the latency of a real arm node and driver.

    A command is sent to the arm one control step after the state that it answers, and the target is interpolated. The
    fingers are as slow as those of the Franka Hand. Unlike a real arm under impedance control, this one is stiff.
    """

    binary_gripper = False  # True: the gripper only opens and closes

    def __init__(self, task: Task, deployed: bool = True, seed: int = 0, began_ns: int = 0, obs: Obs = Obs.STATE):
        tilt = max(task.tilt, Limits().high[3])
        low, high = (
            (*Limits().low[:3], -tilt, -tilt, Limits().low[5]),
            (*Limits().high[:3], tilt, tilt, Limits().high[5]),
        )
        self._limits = Limits(low=low, high=high)
        super().__init__(task, deployed, seed, began_ns, obs)

    def reset(self, seed: int | None = None) -> Observation:
        observation = super().reset(seed)
        self._delays = {arm.name: Delay(arm, self.data, self._limits, self.binary_gripper) for arm in self.arms}
        self._now_s = 0.0
        return observation

    @property
    def timed_out(self) -> bool:
        return self.steps >= PATIENCE * self.task.time_limit

    def close(self) -> None:
        super().close()
        del self._delays  # otherwise nanobind warns of a leaked Ruckig when Python exits

    def _drive(self, targets: Mapping[str, ArmTarget]) -> None:
        for name, delay in self._delays.items():
            delay.follow(self.data, targets[name], self._now_s)
        for _ in range(SLICES):
            self._now_s += CONTROL_S / SLICES
            for delay in self._delays.values():
                delay.move(self.data, self._now_s)
            mujoco.mj_step(self.model, self.data, SUBSTEPS // SLICES)
        mujoco.mj_forward(self.model, self.data)


class Delay:
    """Delays and guards the commands of one arm. Poses are in the arm's base frame, as are the guards' limits."""

    def __init__(self, arm: SimArm, data: mujoco.MjData, limits: Limits, binary_gripper: bool = False):
        self.arm = arm
        here = self._pose_now(data)
        start = Target(here, MAX_WIDTH)
        self._guard = Guard(limits, CONTROL_S, start, binary=binary_gripper, tool_at=arm.tool_at)
        self._interpolator: SetpointInterpolator | JointInterpolator = SetpointInterpolator(here, CONTROL_S)
        self._requested, self._width = start, MAX_WIDTH

    def follow(self, data: mujoco.MjData, target: ArmTarget, now_s: float) -> None:
        """Begins the control step that executes the command before `target`."""
        here, joints = self._pose_now(data), tuple(self.arm.positions(data)[:7].tolist())
        safe = self._guard.follow(self._requested, here, joints=joints).target
        width = self._requested.width if math.isnan(target.width) else target.width
        pose = self.arm.mount.in_base(target.tool).six if target.tool else here
        self._requested = Target(pose, width, target.joints or None)
        self._width = safe.width
        if safe.joints is None:
            if isinstance(self._interpolator, JointInterpolator):
                self._interpolator = SetpointInterpolator(here, CONTROL_S)
            self._interpolator.towards(safe.pose, now_s)
        else:
            if isinstance(self._interpolator, SetpointInterpolator):
                self._interpolator = JointInterpolator(joints, CONTROL_S)
            self._interpolator.towards(safe.joints, now_s)

    def move(self, data: mujoco.MjData, now_s: float) -> None:
        """Sets the servos for the next slice."""
        if isinstance(self._interpolator, JointInterpolator):
            self.arm.set_joints(data, self._interpolator.at(now_s)[0])
        else:
            x, y, z, roll, pitch, yaw = self._interpolator.at(now_s).pose
            self.arm.aim(data, self.arm.mount.in_scene(Pose((x, y, z), yaw, roll, pitch)))
        self.move_fingers(data, CONTROL_S / SLICES)

    def move_fingers(self, data: mujoco.MjData, seconds: float) -> None:
        """Sets the servo of the fingers for a slice of this duration."""
        reach, fingers = FINGERS * seconds, self.arm.fingers(data)
        self.arm.set_fingers(data, fingers + min(max(self._width / 2 - fingers, -reach), reach))

    def setpoint(self, now_s: float) -> Setpoint:
        """Returns the tool's setpoint. Raises ValueError under joint targets."""
        if isinstance(self._interpolator, JointInterpolator):
            raise ValueError(
                "an arm with latency impedance follows tool targets only; use latency real for joint targets"
            )
        return self._interpolator.at(now_s)

    def _pose_now(self, data: mujoco.MjData) -> Pose6:
        return self.arm.mount.in_base(self.arm.pose(data)).six
