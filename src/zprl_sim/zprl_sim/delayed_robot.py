"""The simulated robot at the pace of a real arm: what a policy that shall drive one is pretrained with."""

import numpy as np

from zprl_control.safety.guard import Guard
from zprl_control.safety.interpolator import SetpointInterpolator
from zprl_control.safety.limits import Limits
from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_core.target import Pose6, Target
from zprl_sim.rendering import mujoco
from zprl_sim.robot import MAX_WIDTH, SUBSTEPS, SimRobot
from zprl_sim.settings import CONTROL_S
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
        self._limits = Limits()
        super().__init__(task, deployed, seed, began_ns)

    def reset(self, seed: int | None = None) -> Observation:
        observation = super().reset(seed)
        here = self._pose_now()
        start = Target(here, MAX_WIDTH)
        self._guard, self._interpolator = Guard(self._limits, CONTROL_S, start), SetpointInterpolator(here, CONTROL_S)
        self._requested, self._now_s = start, 0.0
        return observation

    @property
    def timed_out(self) -> bool:
        return self.steps >= PATIENCE * self.task.time_limit

    def close(self) -> None:
        super().close()
        del self._guard  # nanobind tells of every Ruckig that is alive when Python ends

    def _drive(self, target: ArmTarget) -> None:
        told = self._guard.follow(self._requested, self._pose_now()).target
        self._requested = Target((*target.pose.position, 0.0, 0.0, target.pose.yaw), target.width)
        self._interpolator.towards(told.pose, self._now_s)
        for _ in range(SLICES):
            self._now_s += CONTROL_S / SLICES
            x, y, z, _, _, yaw = self._interpolator.at(self._now_s).pose
            self.data.ctrl[:7] = self.kinematics.joint_target(self.data, Pose((x, y, z), yaw))
            self._move_fingers(told.width / 2)
            mujoco.mj_step(self.model, self.data, SUBSTEPS // SLICES)
        mujoco.mj_forward(self.model, self.data)

    def _move_fingers(self, goal: float) -> None:
        reach = FINGERS * CONTROL_S / SLICES
        self.data.ctrl[7] += float(np.clip(goal - self.data.ctrl[7], -reach, reach))

    def _pose_now(self) -> Pose6:
        """The hand points down: roll and pitch are not followed."""
        tool = self.kinematics.pose(self.data)
        return (*tool.position, 0.0, 0.0, tool.yaw)
