"""Checks before anything moves that a bag can be played."""

from pathlib import Path

from zprl_core.arm_action import CartesianAction
from zprl_core.bags.bag_list import BagState, summary_of
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError


def playable(bag: Path) -> EpisodeInfo:
    """Returns the episode of a bag. Raises RecordError for one that is not complete, ValueError for another arm."""
    if not bag.is_dir():
        raise RecordError(f"{bag} is no bag; give the folder of one")
    found = summary_of(bag)
    if found.state != BagState.COMPLETE:
        repair = f"; zprl bags repair {bag}" if found.state == BagState.CUT_OFF else ""
        raise RecordError(f"{bag} cannot be played, as it is {found.state.value}{repair}")
    try:
        info = EpisodeInfo.read(found.custom)
    except ValueError as error:
        raise ValueError(f"{bag} cannot be played: {error}") from None
    arms = info.action.arms
    if len(arms) != 1 or arms[0].arm or not isinstance(arms[0].motion, CartesianAction):
        kinds = ", ".join(f"{arm.arm or 'arm'} by its {arm.stream.rpartition('/')[2]}" for arm in arms)
        raise ValueError(f"{bag} cannot be played: one arm is moved by its tool, and the bag has {kinds}")
    return info
