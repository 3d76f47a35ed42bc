"""Names of topics and services that code without ROS needs too; `zprl_core.ros` gives them type and QoS."""

JOINT_STATES = "joint_states"
CURRENT_POSE = "arm/current_pose"
ARM_COMMAND = "arm/command"
ARM_STATUS = "arm/status"
ROBOT_DESCRIPTION = "robot_description"
OBJECT_POSE = "objects/{name}/pose"
COLOR_IMAGE = "camera/{name}/color/image_raw"
ALIGNED_DEPTH = "camera/{name}/aligned_depth_to_color/image_raw"
CLOCK = "/clock"
TF = "/tf"
TF_STATIC = "/tf_static"

REPLAY = "replay"
REPLAY_ACK = "replay/ack"
REPLAY_JOURNAL = "replay/journal"
ACTOR_WEIGHTS = "actor_weights"
POLICY_STATUS = "policy/status"
EPISODE_EVENT = "episode/event"
LEARNER_STATUS = "learner/status"

# services of an operator
EPISODE_RESET = "episode/reset"
EPISODE_LABEL = "episode/label"
OPERATOR_CONFIRM = "operator/confirm"
POLICY_SET_MODE = "policy/set_mode"
POLICY_FREEZE = "policy/freeze"
POLICY_ROLL_BACK = "policy/roll_back"
LEARNER_PAUSE = "learner/pause"
LEARNER_RESUME = "learner/resume"
ARM_ENABLE = "arm/enable"
ARM_HOLD = "arm/hold"
ARM_STOP = "arm/stop"
ARM_RECOVER = "arm/recover"
ARM_HOME_GRIPPER = "arm/home_gripper"
ARM_RELEASE = "arm/release"
ARM_ESTOP = "arm/estop"


def camera_info_of(image: str) -> str:
    """Returns the topic of the intrinsics beside an image topic, by the convention of ROS's camera drivers."""
    return image.rpartition("/")[0] + "/camera_info" if "/" in image else "camera_info"


def compressed_of(image: str) -> str:
    """Returns the topic of the compressed images beside an image topic, by the convention of image_transport."""
    return f"{image}/compressed"


def video_of(image: str) -> str:
    """Returns the topic of the video beside an image topic, as image_transport's plugin `foxglove` names it."""
    return f"{image}/foxglove"
