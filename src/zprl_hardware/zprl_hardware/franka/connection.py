"""Connects to the arm through franky."""

from typing import Any

from zprl_hardware.franka.config import FrankyConfig


def connect(config: FrankyConfig) -> Any:
    """Return franky's robot, with the thresholds of a collision set.

    Raises what franky raises: network, protocol, version or another driver that has the arm.
    """
    import franky

    realtime = franky.RealtimeConfig.Enforce if config.enforce_realtime else franky.RealtimeConfig.Ignore
    robot = franky.Robot(config.hostname, realtime_config=realtime)
    robot.set_collision_behavior(
        config.collision_torque, [config.collision_force] * 3 + [config.collision_force / 2] * 3
    )
    return robot
