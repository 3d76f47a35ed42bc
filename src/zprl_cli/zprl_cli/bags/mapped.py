"""Episodes in the bags of another recorder, by a mapping of topics to streams."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from zprl_cli.bags.like import specs_like
from zprl_core.action_spec import ActionSpec
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_mapping import BagMapping, draft
from zprl_core.bags.bag_reader import BagFile, bag_file
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError
from zprl_core.obs import Obs
from zprl_core.observation import WIDTH
from zprl_core.observation_spec import JOINT_STATES, ObservationSpec, StreamSpec
from zprl_core.ros.mapped_episode import MappedEpisode, first_image_size
from zprl_core.ros.step_motion import Motion
from zprl_core.ros.stream_messages import kinds_of


def mapped_steps(
    bag: Path, mapping: BagMapping, keep: Callable[[BagStep], BagStep]
) -> tuple[EpisodeInfo, tuple[BagStep, ...], Counter[Motion]]:
    """Returns the episode of a bag, its control steps, and how many were left out. Images have the bag's size.

    `keep`: what is kept of a step.

    Raises RecordError when the bag cannot be read or lacks a topic, ValueError when the mapping does not fit its spec.
    """
    observation, action = mapped_specs(mapping)
    file = bag_file(bag)
    if not file.closed:
        raise RecordError(f"{bag} was cut off; zprl bags repair {bag}")
    observation = _sized(file, mapping, observation)
    episode = MappedEpisode(file, mapping, observation, action)
    steps = tuple(map(keep, episode.steps()))
    if not steps:
        raise RecordError(f"the arm rests, or is not commanded, in all of {bag}")
    began_ns, period_ns = steps[0].stamp_ns, round(1e9 / action.rate_hz)
    info = EpisodeInfo(
        mapping.task or Path(mapping.like).name,
        mapping.label,
        began_ns,
        steps[-1].stamp_ns + period_ns,
        dropped=0,
        steps=len(steps),
        lockstep=False,
        observation=observation,
        action=action,
        latency="real",
        images=BagImages.H264 if episode.has_video else BagImages.RAW,
    )
    return info, steps, episode.left_out


def mapped_specs(mapping: BagMapping) -> tuple[ObservationSpec, ActionSpec]:
    """Returns the specs that the mapping names. Raises ValueError when it does not fit them."""
    observation, action = specs_like(mapping.like, mapping.obs)
    names = [stream.name for stream in observation.streams]
    commanded = [name for arm in action.arms for name in (arm.stream, arm.topic(WIDTH)) if name in names]
    alike = [stream.name for stream in observation.streams if stream.kind in JOINT_STATES]
    mapping.check(names, commanded, alike)
    return observation, action


def draft_mapping(bag: Path, like: str, obs: Obs) -> str:
    """Returns the text of a mapping for bags like this one. Raises ValueError for an unknown task, or RecordError."""
    observation, _ = specs_like(like, obs)
    types = {stream.name: (stream.topic, *kinds_of(stream)) for stream in observation.streams}
    return draft(bag.name, like, obs, types, bag_file(bag).topics().values())


def _sized(file: BagFile, mapping: BagMapping, observation: ObservationSpec) -> ObservationSpec:
    """Gives each camera the size of its first image in the bag."""
    return replace(observation, streams=tuple(_as_recorded(file, mapping, s) for s in observation.streams))


def _as_recorded(file: BagFile, mapping: BagMapping, stream: StreamSpec) -> StreamSpec:
    if not stream.shape or len(stream.shape) != 3:
        return stream
    height, width = first_image_size(file, stream, mapping.topics[stream.name]) or stream.shape[:2]
    return replace(stream, shape=(height, width, stream.shape[2]))
