"""Every service and action of zprl, with its type. docs/reference/ros-interface.md describes them."""

from std_srvs.srv import SetBool, Trigger

from zprl_core import topic_names
from zprl_core.ros.interfaces import Action, Service
from zprl_msgs.action import MoveToStart
from zprl_msgs.srv import LabelEpisode, Reset, RollBack, SetPolicyMode

RESET = Service("reset", Reset)
SCENE_RESET = Service("scene/reset", Reset)
EPISODE_RESET = Service(topic_names.EPISODE_RESET, Reset)
EPISODE_LABEL = Service(topic_names.EPISODE_LABEL, LabelEpisode)
OPERATOR_CONFIRM = Service(topic_names.OPERATOR_CONFIRM, Trigger)

POLICY_SET_MODE = Service(topic_names.POLICY_SET_MODE, SetPolicyMode)
POLICY_RETURN_TO_BASE = Service("policy/return_to_base", Trigger)
POLICY_FREEZE = Service(topic_names.POLICY_FREEZE, SetBool)
POLICY_ROLL_BACK = Service(topic_names.POLICY_ROLL_BACK, RollBack)
LEARNER_PAUSE = Service(topic_names.LEARNER_PAUSE, Trigger)
LEARNER_RESUME = Service(topic_names.LEARNER_RESUME, Trigger)

ARM_ENABLE = Service(topic_names.ARM_ENABLE, Trigger)
ARM_ARM = Service("arm/arm", Trigger)  # the old name of arm/enable, for one release
ARM_HOLD = Service(topic_names.ARM_HOLD, Trigger)
ARM_STOP = Service(topic_names.ARM_STOP, Trigger)
ARM_RECOVER = Service(topic_names.ARM_RECOVER, Trigger)
ARM_HOME_GRIPPER = Service(topic_names.ARM_HOME_GRIPPER, Trigger)
ARM_ESTOP = Service(topic_names.ARM_ESTOP, Trigger)
ARM_RELEASE = Service(topic_names.ARM_RELEASE, Trigger)
MOVE_TO_START = Action("arm/move_to_start", MoveToStart)

CAMERA_RECORD_TAKE = Service("camera_record/take", Trigger)
CONTROLLERS_SET_ACTIVE = Service("~/set_active", SetBool)  # of the simulated ros2_control
