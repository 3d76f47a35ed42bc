"""The simulated robot at the pace of a real arm: what a policy that shall drive one is pretrained with."""

import math
from collections.abc import Mapping

import numpy as np

from zprl_control.safety.guard import Guard
from zprl_control.safety.interpolator import JointInterpolator, SetpointInterpolator
from zprl_control.safety.limits import Limits
from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_core.target import Pose6, Target
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SUBSTEPS, SimRobot
from zprl_sim.settings import CONTROL_S
from zprl_sim.sim_arm import MAX_WIDTH, SimArm
from zprl_sim.tasks.task import Task

SLICES = 5  # of a control step, in each of which the joints get another target
PATIENCE = 3.0  # time limit, in units of the task's own
FINGERS = 0.1 / 2  # speed of one finger [m/s]


class DelayedRobot(SimRobot):
    """Behind the guards, and as late as arm node and driver make a real one: a command is told to the arm one control
    step after the state that it answers, and the tool glides to it. The fingers are as slow as the hand's.

    The springs of the real one are not here: this arm is stiff. `zprl up --robot fci-sim` has them.
    """

    def __init__(self, task: Task, deployed: bool = True, seed: int = 0, began_ns: int = 0):
        tilt = max(task.tilt, Limits().high[3])
        low, high = (
            (*Limits().low[:3], -tilt, -tilt, Limits().low[5]),
            (*Limits().high[:3], tilt, tilt, Limits().high[5]),
        )
        self._limits = Limits(low=low, high=high)
        super().__init__(task, deployed, seed, began_ns)

    def reset(self, seed: int | None = None) -> Observation:
        observation = super().reset(seed)
        self._delays = {arm.name: _Delay(arm, self.data, self._limits) for arm in self.arms}
        self._now_s = 0.0
        return observation

    @property
    def timed_out(self) -> bool:
        return self.steps >= PATIENCE * self.task.time_limit

    def close(self) -> None:
        super().close()
        del self._delays  # nanobind tells of every Ruckig that is alive when Python ends

    def _drive(self, targets: Mapping[str, ArmTarget]) -> None:
        for name, delay in self._delays.items():
            delay.follow(self.data, targets[name], self._now_s)
        for _ in range(SLICES):
            self._now_s += CONTROL_S / SLICES
            for delay in self._delays.values():
                delay.move(self.data, self._now_s)
            mujoco.mj_step(self.model, self.data, SUBSTEPS // SLICES)
        mujoco.mj_forward(self.model, self.data)


class _Delay:
    """What is between a command and one arm. Poses are in the arm's base frame, as the guards' limits are."""

    def __init__(self, arm: SimArm, data: mujoco.MjData, limits: Limits):
        self.arm = arm
        here = self._pose_now(data)
        start = Target(here, MAX_WIDTH)
        self._guard = Guard(limits, CONTROL_S, start, tool_at=arm.tool_at)
        self._interpolator: SetpointInterpolator | JointInterpolator = SetpointInterpolator(here, CONTROL_S)
        self._requested, self._width = start, MAX_WIDTH

    def follow(self, data: mujoco.MjData, target: ArmTarget, now_s: float) -> None:
        """Begin the control step in which the command before `target` is executed."""
        here, joints = self._pose_now(data), tuple(self.arm.positions(data)[:7].tolist())
        told = self._guard.follow(self._requested, here, joints=joints).target
        width = self._requested.width if math.isnan(target.width) else target.width
        pose = self.arm.mount.in_base(target.tool).six if target.tool else here
        self._requested = Target(pose, width, target.joints or None)
        self._width = told.width
        if told.joints is None:
            if isinstance(self._interpolator, JointInterpolator):
                self._interpolator = SetpointInterpolator(here, CONTROL_S)
            self._interpolator.towards(told.pose, now_s)
        else:
            if isinstance(self._interpolator, SetpointInterpolator):
                self._interpolator = JointInterpolator(joints, CONTROL_S)
            self._interpolator.towards(told.joints, now_s)

    def move(self, data: mujoco.MjData, now_s: float) -> None:
        """Set the servos for the next slice."""
        if isinstance(self._interpolator, JointInterpolator):
            self.arm.set_joints(data, self._interpolator.at(now_s)[0])
        else:
            x, y, z, roll, pitch, yaw = self._interpolator.at(now_s).pose
            self.arm.aim(data, self.arm.mount.in_scene(Pose((x, y, z), yaw, roll, pitch)))
        reach, fingers = FINGERS * CONTROL_S / SLICES, self.arm.fingers(data)
        self.arm.set_fingers(data, fingers + float(np.clip(self._width / 2 - fingers, -reach, reach)))

    def _pose_now(self, data: mujoco.MjData) -> Pose6:
        return self.arm.mount.in_base(self.arm.pose(data)).six
