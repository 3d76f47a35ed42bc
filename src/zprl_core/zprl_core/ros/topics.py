"""Every topic of zprl, with its type and quality of service. docs/reference/ros-interface.md describes them.

A robot with ros2_control has topics of its own besides, whose names are parameters.
"""

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped, TwistStamped, WrenchStamped
from nav_msgs.msg import Path
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, JointState, Joy
from std_msgs.msg import Bool, String
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from zprl_core import topic_names
from zprl_core.ros import qos
from zprl_core.ros.interfaces import Topic
from zprl_msgs.msg import (
    ActorWeights,
    ArmCommand,
    ArmStatus,
    EpisodeEvent,
    JournalStatus,
    LearnerStatus,
    PolicyStatus,
    ReplayAck,
    SuccessDetection,
    Teleop,
    Transition,
    VectorStamped,
)

# of each arm
JOINT_STATES = Topic(topic_names.JOINT_STATES, JointState, qos.STATE)
CURRENT_POSE = Topic(topic_names.CURRENT_POSE, PoseStamped, qos.STATE)
CURRENT_TWIST = Topic("arm/current_twist", TwistStamped, qos.STATE)
EXTERNAL_WRENCH = Topic("arm/external_wrench", WrenchStamped, qos.STATE)
ARM_STATUS = Topic(topic_names.ARM_STATUS, ArmStatus, qos.STATE)
ARM_COMMAND = Topic(topic_names.ARM_COMMAND, ArmCommand, qos.STATE)
TARGET_POSE = Topic("arm/target_pose", PoseStamped, qos.STATE)
TARGET_TWIST = Topic("arm/target_twist", TwistStamped, qos.STATE)
ROBOT_DESCRIPTION = Topic(topic_names.ROBOT_DESCRIPTION, String, qos.LATCHED)  # the URDF
PLAN = Topic("arm/plan", Path, qos.STATE)
BASE_PLAN = Topic("arm/base_plan", Path, qos.STATE)
ARM_ESTOP = Topic(topic_names.ARM_ESTOP, Bool, qos.STATE)

# of each robot's scene
OBJECT_POSE = Topic(topic_names.OBJECT_POSE, PoseStamped, qos.STATE)
SUCCESS = Topic("success", SuccessDetection, qos.STATE)
SCENE_STATE = Topic("scene/state", VectorStamped, qos.STATE)  # of a simulation, for what renders it

# of each camera, with the names of realsense-ros
COLOR_IMAGE = Topic(topic_names.COLOR_IMAGE, Image, qos.IMAGES)
COLOR_COMPRESSED = Topic("camera/{name}/color/image_raw/compressed", CompressedImage, qos.IMAGES)
COLOR_INFO = Topic("camera/{name}/color/camera_info", CameraInfo, qos.IMAGES)
DEPTH_IMAGE = Topic("camera/{name}/depth/image_rect_raw", Image, qos.IMAGES)
DEPTH_COMPRESSED = Topic("camera/{name}/depth/image_rect_raw/compressed", CompressedImage, qos.IMAGES)
DEPTH_INFO = Topic("camera/{name}/depth/camera_info", CameraInfo, qos.IMAGES)
ALIGNED_IMAGE = Topic(topic_names.ALIGNED_DEPTH, Image, qos.IMAGES)
ALIGNED_COMPRESSED = Topic("camera/{name}/aligned_depth_to_color/image_raw/compressed", CompressedImage, qos.IMAGES)
ALIGNED_INFO = Topic("camera/{name}/aligned_depth_to_color/camera_info", CameraInfo, qos.IMAGES)

# of the operator and of teleoperation devices; the last two are those of the packages joy and spacenav
OPERATOR_PROMPT = Topic("operator/prompt", String, qos.LATCHED)
TELEOP = Topic("teleop", Teleop, qos.STATE)
TELEOP_POSE = Topic("teleop/pose", PoseStamped, qos.STATE)
TELEOP_TWIST = Topic("teleop/twist", TwistStamped, qos.STATE)
JOY = Topic("joy", Joy, qos.STATE)
SPACENAV_JOY = Topic("spacenav/joy", Joy, qos.STATE)

# for viewers
VIEW_MARKERS = Topic("view/markers", MarkerArray, qos.STATE)
VIEW_DESCRIPTION = Topic("view/description", String, qos.LATCHED)  # the URDF with shapes
VIEW_IMAGE = Topic("view/camera/{name}/compressed", CompressedImage, qos.IMAGES)

# between policy, learner and episode manager
REPLAY = Topic(topic_names.REPLAY, Transition, qos.REPLAY)
REPLAY_ACK = Topic(topic_names.REPLAY_ACK, ReplayAck, qos.REPLAY)
REPLAY_JOURNAL = Topic(topic_names.REPLAY_JOURNAL, JournalStatus, qos.STATUS)
POLICY_STATUS = Topic(topic_names.POLICY_STATUS, PolicyStatus, qos.STATUS)
ACTOR_WEIGHTS = Topic(topic_names.ACTOR_WEIGHTS, ActorWeights, qos.LATCHED)
LEARNER_STATUS = Topic(topic_names.LEARNER_STATUS, LearnerStatus, qos.STATUS)
EPISODE_EVENT = Topic(topic_names.EPISODE_EVENT, EpisodeEvent, qos.LATCHED_EVENTS)
RECORDER_READY = Topic("recorder/ready", Bool, qos.LATCHED)
EPISODE_REFUSAL = Topic("episode/refusal", String, qos.LATCHED)

# of every ROS graph
CLOCK = Topic(topic_names.CLOCK, Clock, qos.STATE)
DIAGNOSTICS = Topic("/diagnostics", DiagnosticArray, qos.STATUS)
TF = Topic(topic_names.TF, TFMessage, qos.STATE)
TF_STATIC = Topic(topic_names.TF_STATIC, TFMessage, qos.LATCHED)
