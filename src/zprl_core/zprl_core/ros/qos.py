"""One quality of service for each kind of topic."""

from rclpy.qos import DurabilityPolicy, QoSProfile

STATE = QoSProfile(depth=10)  # reliable: in lockstep no state may be lost
REPLAY = QoSProfile(depth=2000)  # a learner that computes must not lose transitions
EVENTS = QoSProfile(depth=50)
STATUS = QoSProfile(depth=10)
WEIGHTS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # a policy that comes late gets the newest
