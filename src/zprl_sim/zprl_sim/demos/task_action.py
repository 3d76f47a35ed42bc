"""Converts an expert's tool motion to the action of its task."""

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, JointAction
from zprl_core.observation import Observation
from zprl_core.rotation import Rotation
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import SimArm


def task_action(robot: SimRobot, numbers: npt.NDArray[np.float32], seen: Observation) -> npt.NDArray[np.float32]:
    """Returns the task's action (A,) in [-1, 1] for the expert's `numbers`: a step of the tool, and the gripper."""
    spec = robot.task.action
    rotation = Rotation.VECTOR if robot.task.tilt else Rotation.YAW
    tools = ActionSpec(tuple(ArmAction(arm.arm, CartesianAction(rotation), frame=arm.frame) for arm in spec.arms))
    if tools.arms == spec.arms:
        return numbers
    targets = tools.targets(numbers, seen)
    for arm, action in zip(robot.arms, spec.arms, strict=True):
        if isinstance(action.motion, JointAction):
            targets[arm.name] = _within_a_step(robot, arm, action.motion, targets[arm.name])
    return np.clip(spec.action(targets, seen), -1.0, 1.0)


def _within_a_step(robot: SimRobot, arm: SimArm, motion: JointAction, target: ArmTarget) -> ArmTarget:
    """Returns joints on the straight line to `target`, as far as one action can move them."""
    q = arm.positions(robot.data)[:7]
    way = arm.kinematics.joint_target(robot.data, target.pose) - q
    way /= max(1.0, float(np.max(np.abs(way))) / motion.step_rad)
    return ArmTarget(None, target.width, tuple((q + way).tolist()))
