"""Reads the path of an arm from the bag of an episode."""

from dataclasses import replace
from pathlib import Path

from zprl_core.arm_action import ArmAction
from zprl_core.bags.bag_reader import bag_file
from zprl_core.observation_spec import ObservationSpec
from zprl_core.ros.bag_episode import BagEpisode
from zprl_episodes.playback.playable_bag import playable
from zprl_episodes.playback.recorded_path import RecordedPath
from zprl_episodes.playback.tool_stream import tool_stream


def path_in(bag: Path) -> tuple[ArmAction, RecordedPath]:
    """Returns the arm of an episode and its path. Raises ValueError, or RecordError, when it cannot be played."""
    info = playable(bag)
    (arm,) = info.action.arms
    tool, file = tool_stream(arm), bag_file(bag)
    if not any(topic.endswith(f"/{tool.topic}") for topic in file.topics()):
        raise ValueError(f"{bag} cannot be played, as it has no {tool.topic}: the measured tool is missing")
    # what else the policy observed, such as images, is not read
    episode = BagEpisode(file, replace(info, observation=ObservationSpec((tool,))))
    steps = [(step.stamp_ns, step.targets[arm.arm], step.observation.pose(tool.name)) for step in episode.steps()]
    if not steps:
        refused = "".join(f" ({why})" for why in episode.refused.values())
        raise ValueError(f"{bag} has no control step with a command{refused}; zprl bags check {bag} says why")
    stamps_ns, targets, measured = zip(*steps, strict=True)
    return arm, RecordedPath(tuple((stamp_ns - stamps_ns[0]) * 1e-9 for stamp_ns in stamps_ns), targets, measured)
