"""The recorder of a robot: which topics, and what the metadata of its bags say."""

import json
from pathlib import Path

from zprl.checkpoints.fingerprint import read_fingerprint
from zprl_bringup.graph.robots.robot import RobotSlot
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec, Parameter
from zprl_bringup.graph.specs import specs_of
from zprl_core import topic_names
from zprl_core.config.flatten import flatten

OF_ARM = (
    topic_names.ARM_COMMAND,
    topic_names.JOINT_STATES,
    topic_names.CURRENT_POSE,
    topic_names.ROBOT_DESCRIPTION,
)
# Of the episode, the policy and the teleoperation device; of the learner nothing, as its record has it.
USUAL = (
    topic_names.EPISODE_EVENT,
    "success",
    topic_names.POLICY_STATUS,
    "teleop",
    topic_names.TF,
    topic_names.TF_STATIC,
    f"/{topic_names.ROBOT_DESCRIPTION}",  # of a robot's own driver
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
        "note": settings.options.note,
        "images": settings.options.bag_images.value,
        "jpeg_quality": settings.options.bag_jpeg_quality,
        "h264_crf": settings.options.bag_h264_crf,
        "topics": list(needed_topics(settings)),
        "optional_topics": list(optional_topics(settings)),
        "configuration": configuration(settings),
    }
    return (
        NodeSpec("zprl_episodes", "recorder_node", "recorder", robot.namespace, parameters, robot.shared, respawn=True),
    )


def needed_topics(settings: GraphSettings) -> tuple[str, ...]:
    """Return the topics that every bag should have: what a policy observes, the arms' status, and the station's."""
    streams, arms = specs_of(settings.options)[0].streams, _arms(settings)
    status = tuple(_under(arm, topic_names.ARM_STATUS) for arm in arms)
    return tuple(dict.fromkeys((*(stream.topic for stream in streams), *status, *settings.station.record_topics)))


def optional_topics(settings: GraphSettings) -> tuple[str, ...]:
    """Return the topics that a bag has if some node publishes them."""
    images = specs_of(settings.options)[0].images
    infos = tuple(topic_names.camera_info_of(stream.topic) for stream in images)
    return (*infos, *(_under(arm, name) for arm in _arms(settings) for name in OF_ARM), *USUAL)


def configuration(settings: GraphSettings) -> str:
    """Return the JSON text of all that belongs to an episode: specs, base, robot, options and station."""
    base, (observation, action) = settings.options.base, specs_of(settings.options)
    return json.dumps({
        "run": settings.run,
        "robot": settings.chosen_robot.name,
        "latency": settings.chosen_robot.latency(settings).value,
        "control_rate": settings.chosen_robot.fixed_rate or settings.station.control_rate,
        "base": "" if base is None else str(base),
        "base_fingerprint": "" if base is None else read_fingerprint(base),
        "observation": observation.to_json(),
        "action": action.to_json(),
        "options": _plain(flatten(settings.options)),
        "station": _plain(flatten(settings.station)),
    })  # fmt: skip


def _arms(settings: GraphSettings) -> tuple[str, ...]:
    """Return the names of the arms; "" for the only one."""
    return tuple(arm.arm for arm in specs_of(settings.options)[1].arms)


def _under(arm: str, name: str) -> str:
    return f"{arm}/{name}" if arm else name


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: str(x) if isinstance(x, Path) else x for name, x in values.items()}
