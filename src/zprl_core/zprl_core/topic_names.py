"""Names of the topics that code without ROS needs as well; `zprl_core.ros.topics` gives them type and QoS."""

JOINT_STATES = "joint_states"
CURRENT_POSE = "arm/current_pose"
ARM_STATUS = "arm/status"
OBJECT_POSE = "objects/{name}/pose"
CLOCK = "/clock"

REPLAY = "replay"
REPLAY_ACK = "replay/ack"
REPLAY_JOURNAL = "replay/journal"
ACTOR_WEIGHTS = "actor_weights"
EPISODE_EVENT = "episode/event"
LEARNER_STATUS = "learner/status"
