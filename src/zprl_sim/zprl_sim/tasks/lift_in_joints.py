"""The task `lift` for a policy that observes and commands the arm's joints."""

from dataclasses import replace

from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, JointAction
from zprl_core.arm_model import FR3
from zprl_sim.tasks.lift import LIFT_CUBE

LIFT_IN_JOINTS = replace(
    LIFT_CUBE,
    name="lift_in_joints",
    action=ActionSpec((ArmAction(motion=JointAction(FR3.joints, step_rad=0.05)),)),  # 1 rad/s
    time_limit=80,
)
