"""Judges whether a recorded episode can be a demonstration, and says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.observation import Pose

GAP = 1.8  # distance of two states in control steps, from which on one is missing
TELEPORT_M = 0.1  # distance between two states that no arm covers in a control step [m]
FROZEN_S = 0.5  # time for which a camera may show one and the same image [s]
SATURATED = 1.1  # magnitude of an action that a base cannot repeat; up to 1 it can
CLIPPED, HELD, MISSING, BEYOND = 0.3, 0.2, 0.05, 0.2  # share of the steps


@dataclass(frozen=True)
class Verdict:
    """The problems of an episode; it is usable without any."""

    problems: tuple[str, ...]
    steps: int

    @property
    def usable(self) -> bool:
        return not self.problems


def check_steps(
    info: EpisodeInfo,
    steps: Sequence[BagStep],
    held: int,
    paused: int = 0,
    refused: Sequence[tuple[str, str]] = (),
) -> Verdict:
    """Looks for gaps, clock jumps, teleports, frozen cameras, clipped and held commands, and dropped messages.

    `held`, `paused`: control steps that `steps` lack, because an arm followed no command, or a human let it rest.
    `refused`: streams of which a message was refused, each with the reason. Images from video are not judged as frozen:
    the encoder leaves faint noise out, so that a camera may show the same pixels for a second.
    """
    if not steps and held + paused:
        return Verdict((f"the arm rested, or was not commanded, in all of its {held + paused} steps",), 0)
    if not steps:
        reasons = (f"; {stream}: {why}" for stream, why in refused)
        none = "no control step has an observation of every stream and a report of every arm"
        return Verdict(("".join((none, *reasons)),), 0)
    found = [
        f"{info.dropped} messages were dropped by the recorder" if info.dropped else "",
        _missing(info, len(steps) + held + paused),
        _gaps(info, steps),
        _teleports(steps),
        *(_frozen(info, steps, s.name) for s in info.observation.images if s.is_depth or info.images != BagImages.H264),
        _saturated(info, steps),
        _share("clipped by a guard", sum(step.clipped for step in steps), len(steps), CLIPPED),
        _share("without a command", held, held + len(steps), HELD),
    ]
    return Verdict(tuple(filter(None, found)), len(steps))


def _missing(info: EpisodeInfo, steps: int) -> str:
    """Returns how many steps the bag lacks, as when the recorder started late.

    In real time they are counted by their stamps: a simulation counts from the reset of its scene, somewhat earlier.
    """
    lasted = round((info.ended_ns - info.started_ns) * 1e-9 * info.action.rate_hz)
    expected = info.steps if info.lockstep else lasted
    lacks = expected - steps
    return f"{lacks} of {expected} control steps are missing" if lacks > MISSING * expected else ""


def _saturated(info: EpisodeInfo, steps: Sequence[BagStep]) -> str:
    """Returns how many actions are beyond the range of the spec, where a base would be slower than its teacher."""
    actions = (info.action.action(step.targets, step.observation) for step in steps)
    beyond = sum(bool(np.abs(action).max() > SATURATED) for action in actions)
    said = _share("beyond the range of the actions", beyond, len(steps), BEYOND)
    return f"{said}: demonstrate slower" if said else ""


def _gaps(info: EpisodeInfo, steps: Sequence[BagStep]) -> str:
    apart = np.diff([step.stamp_ns for step in steps]) * 1e-9 * info.action.rate_hz
    apart -= np.diff([step.number for step in steps]) - 1  # steps that were left out on purpose
    if np.any(apart <= 0.0):
        return "the clock of the robot's states was set back"
    gaps = apart[apart > GAP]
    return f"{len(gaps)} gaps, the longest of {gaps.max() / info.action.rate_hz:.2f} s" if len(gaps) else ""


def _teleports(steps: Sequence[BagStep]) -> str:
    tools = [name for name, x in steps[0].observation.samples.items() if isinstance(x, Pose)]
    jumps = []
    for name in tools:
        places = np.array([step.observation.pose(name).position for step in steps])
        far = np.linalg.norm(np.diff(places, axis=0), axis=1)[np.diff([step.number for step in steps]) == 1]
        if len(far) and far.max() > TELEPORT_M:
            jumps.append(f"{name} jumps by {100 * far.max():.0f} cm")
    return ", ".join(jumps)


def _frozen(info: EpisodeInfo, steps: Sequence[BagStep], camera: str) -> str:
    """Returns why a camera's images cannot be used: the same pixels for too long, while their stamps go on."""
    most = same = 0
    for before, after in pairwise(steps):
        one, other = (np.asarray(step.observation.samples[camera]) for step in (before, after))
        equal = np.array_equal(one, other)
        same = same + 1 if equal else 0
        most = max(most, same)
    seconds = most / info.action.rate_hz
    return f"{camera} shows one image for {seconds:.1f} s" if seconds > FROZEN_S else ""


def _share(what: str, count: int, total: int, most: float) -> str:
    return f"{100 * count / total:.0f} % of the steps are {what}" if total and count > most * total else ""
