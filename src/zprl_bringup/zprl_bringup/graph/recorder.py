"""The recorder of a robot: which topics, and what the metadata of its bags say."""

import json
from pathlib import Path

from zprl.checkpoints.fingerprint import read_fingerprint
from zprl_bringup.graph.base_check import base_config
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_core import topic_names
from zprl_core.config.flatten import flatten
from zprl_core.observation_spec import StreamKind, StreamSpec

# Of each arm, the episode and the teleoperation device; of the learner nothing, as its record has it.
USUAL = (
    topic_names.ARM_STATUS,
    topic_names.ARM_COMMAND,
    topic_names.JOINT_STATES,
    topic_names.CURRENT_POSE,
    topic_names.EPISODE_EVENT,
    "success",
    "policy/status",
    "teleop",
    "/tf_static",
)


def recorder(settings: GraphSettings, robot: RobotSlot) -> tuple[NodeSpec, ...]:
    """Make the node that records bags, if a folder for them is given."""
    folder = settings.options.bags
    if folder is None:
        return ()
    parameters: dict[str, Parameter] = {
        "folder": str(folder.expanduser().absolute()),
        "robot": robot.name,
        "task": settings.task,
        "topics": list(recorded_topics(settings)),
        "configuration": configuration(settings),
    }
    return (
        NodeSpec("zprl_episodes", "recorder_node", "recorder", robot.namespace, parameters, robot.shared, respawn=True),
    )


def recorded_topics(settings: GraphSettings) -> tuple[str, ...]:
    """Return the topics of a robot's bags, without those of another robot's namespace."""
    config = base_config(settings.options.base)
    streams = () if config is None else config.observation.streams
    arms = () if config is None else tuple(arm.arm for arm in config.action.arms)
    usual = [f"{arm}/{name}" for arm in arms if arm for name in USUAL[:4]]
    seen = [topic for stream in streams for topic in _of(stream)]
    return tuple(dict.fromkeys((*seen, *usual, *USUAL, *settings.station.record_topics)))


def configuration(settings: GraphSettings) -> str:
    """Return the JSON text of all that belongs to an episode: specs, base, robot, options and station."""
    base, config = settings.options.base, base_config(settings.options.base)
    return json.dumps({
        "run": settings.run,
        "robot": settings.chosen_robot.name,
        "control_rate": settings.chosen_robot.fixed_rate or settings.station.control_rate,
        "base": "" if base is None else str(base),
        "base_fingerprint": "" if base is None else read_fingerprint(base),
        "observation": None if config is None else config.observation.to_json(),
        "action": None if config is None else config.action.to_json(),
        "options": _plain(flatten(settings.options)),
        "station": _plain(flatten(settings.station)),
    })  # fmt: skip


def _of(stream: StreamSpec) -> tuple[str, ...]:
    if stream.kind == StreamKind.IMAGE:
        return stream.topic, topic_names.camera_info_of(stream.topic)
    return (stream.topic,)


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: str(x) if isinstance(x, Path) else x for name, x in values.items()}
