"""The quality of service of each kind of topic."""

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

STATE = QoSProfile(depth=10)  # reliable: in lockstep no state may be lost
REPLAY = QoSProfile(depth=2000)  # no transition may be lost while the learner is busy
EVENTS = QoSProfile(depth=50)
STATUS = QoSProfile(depth=10)
NEWEST = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)  # for those who watch: holds no publisher back
IMAGES = QoSProfile(depth=2)  # reliable, and only the newest
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # late subscribers get the newest
LATCHED_EVENTS = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # for a restarted policy
