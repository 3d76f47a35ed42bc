"""Reads the path of an arm from the bag of an episode."""

from pathlib import Path

from zprl_core.arm_action import ArmAction
from zprl_core.bags.bag_reader import bag_file
from zprl_core.observation import Pose
from zprl_core.ros.bag_episode import BagEpisode
from zprl_episodes.playback.playable_bag import playable
from zprl_episodes.playback.recorded_path import RecordedPath


def path_in(bag: Path) -> tuple[ArmAction, RecordedPath]:
    """Returns the arm of an episode and its path. Raises ValueError, or RecordError, when it cannot be played."""
    info = playable(bag)
    (arm,) = info.action.arms
    steps = list(BagEpisode(bag_file(bag), info).steps())
    if not steps:
        raise ValueError(f"{bag} has no control step with a command; zprl bags check {bag} says why")
    targets = tuple(step.targets[arm.arm] for step in steps)
    seen = (step.observation.samples.get(arm.stream) for step in steps)
    measured = tuple(
        tool if isinstance(tool, Pose) else target.pose for tool, target in zip(seen, targets, strict=True)
    )
    began_ns = steps[0].stamp_ns
    return arm, RecordedPath(tuple((step.stamp_ns - began_ns) * 1e-9 for step in steps), targets, measured)
