"""The quality of service of each kind of topic."""

from rclpy.qos import DurabilityPolicy, QoSProfile

STATE = QoSProfile(depth=10)  # reliable: in lockstep no state may be lost
REPLAY = QoSProfile(depth=2000)  # no transition may be lost while the learner is busy
EVENTS = QoSProfile(depth=50)
STATUS = QoSProfile(depth=10)
WEIGHTS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # a policy that starts late gets the newest
