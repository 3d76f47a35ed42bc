"""Every service and action of zprl, with its type. docs/reference/ros-interface.md describes them."""

from std_srvs.srv import SetBool, Trigger

from zprl_core.ros.interfaces import Action, Service
from zprl_msgs.action import MoveToStart
from zprl_msgs.srv import LabelEpisode, Reset, RollBack, SetPolicyMode

RESET = Service("reset", Reset)
SCENE_RESET = Service("scene/reset", Reset)
EPISODE_RESET = Service("episode/reset", Reset)
EPISODE_LABEL = Service("episode/label", LabelEpisode)
OPERATOR_CONFIRM = Service("operator/confirm", Trigger)

POLICY_SET_MODE = Service("policy/set_mode", SetPolicyMode)
POLICY_RETURN_TO_BASE = Service("policy/return_to_base", Trigger)
POLICY_FREEZE = Service("policy/freeze", SetBool)
POLICY_ROLL_BACK = Service("policy/roll_back", RollBack)
LEARNER_PAUSE = Service("learner/pause", Trigger)
LEARNER_RESUME = Service("learner/resume", Trigger)

ARM_ENABLE = Service("arm/enable", Trigger)
ARM_ARM = Service("arm/arm", Trigger)  # the old name of arm/enable, for one release
ARM_HOLD = Service("arm/hold", Trigger)
ARM_STOP = Service("arm/stop", Trigger)
ARM_RECOVER = Service("arm/recover", Trigger)
ARM_HOME_GRIPPER = Service("arm/home_gripper", Trigger)
ARM_ESTOP = Service("arm/estop", Trigger)
ARM_RELEASE = Service("arm/release", Trigger)
MOVE_TO_START = Action("arm/move_to_start", MoveToStart)

CAMERA_RECORD_TAKE = Service("camera_record/take", Trigger)
CONTROLLERS_SET_ACTIVE = Service("~/set_active", SetBool)  # of the simulated ros2_control
