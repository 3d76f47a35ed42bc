"""Demonstrations from recorded bags, with a word on each bag that is left out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

import numpy as np

from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_cli.bags.cameras import cameras_of
from zprl_cli.bags.check import Verdict, check_steps
from zprl_cli.bags.mapped import mapped_specs, mapped_steps
from zprl_cli.bags.slim_step import slim, whole
from zprl_core.bags.bag_list import BagState, BagSummary, bags_in
from zprl_core.bags.bag_mapping import BagMapping
from zprl_core.bags.bag_reader import bag_file
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.episode_event import EpisodeEventKind
from zprl_core.errors import RecordError
from zprl_core.ros.bag_episode import BagEpisode
from zprl_core.ros.mapped_episode import MappedEpisode
from zprl_core.ros.step_motion import Motion

Keep = Callable[[BagStep], BagStep]
LABELS = tuple(kind.name.lower() for kind in EpisodeEventKind if kind != EpisodeEventKind.STARTED)


@dataclass(frozen=True)
class Choice:
    """The bags to use."""

    labels: tuple[str, ...] = ("success",)
    task: str = ""  # "": any
    mapping: BagMapping | None = None  # for bags of another recorder
    corrections: bool = False  # only episodes in which a human moved an arm, from there on

    def __post_init__(self) -> None:
        if unknown := [label for label in self.labels if label not in LABELS]:
            raise ValueError(f"there is no label {', '.join(unknown)}; write {', '.join(LABELS)}")
        if self.corrections and self.mapping is not None:
            raise ValueError("--corrections is for bags of zprl, which tell who moved the arm; remove it, or --map")


@dataclass(frozen=True)
class Checked:
    """A bag, with its episode if it can be read."""

    bag: BagSummary
    verdict: Verdict
    info: EpisodeInfo | None = None
    steps: tuple[BagStep, ...] = ()


def checked(bags: Sequence[BagSummary], choice: Choice, keep: Keep = whole) -> Iterator[Checked]:
    """Reads and judges each bag. Memory holds one episode at a time, if the caller does not keep them.

    `keep`: what is kept of a step; with `slim` no images.
    """
    for bag in bags:
        yield _checked(bag, choice, keep)


def demos_from_bags(
    folder: Path,
    choice: Choice,
    videos: Path,
    codec: Codec = Codec.H264,
    progress: Callable[[int, int], None] = lambda done, total: None,
    before: Demos | None = None,
) -> tuple[Demos, list[Checked]]:
    """Returns the usable episodes of a folder as demonstrations, and what was left out, without its steps.

    Images are written as videos into `videos` one by one, so that memory holds none of a whole episode. The cameras are
    those of the first bag that is used. `before`:
    earlier demonstrations, which are added to those of the bags. Raises RecordError when no episode can be used, or
    when two of them, or the earlier ones, have other specs or tasks.
    """
    bags = list(bags_in(folder))
    left: list[Checked] = []
    first: EpisodeInfo | None = None
    recorder: DemoRecorder | None = None
    with ExitStack() as stack:
        for done, found in enumerate(checked(bags, choice, slim), 1):
            progress(done, len(bags))
            if found.info is None or not found.verdict.usable:
                left.append(Checked(found.bag, found.verdict))
                continue
            if first is None or recorder is None:
                first = found.info
                _check_before(first, before)
                cameras = cameras_of(found.bag, first, choice.mapping)
                recorder = stack.enter_context(DemoRecorder(first.observation, first.action, videos, codec, cameras))
            check_alike(first, found.info, found.bag.path)
            _add(recorder, found, choice)
        if first is None or recorder is None:
            raise RecordError(f"no episode in {folder} can be used{reasons(left)}")
        if before is not None:  # last, as the last episodes may be held out from training
            recorder.cameras |= before.cameras
            recorder.extend(before)
        return recorder.demos(first.task, 0), left


def _checked(bag: BagSummary, choice: Choice, keep: Keep) -> Checked:
    def left_out(why: str) -> Checked:
        return Checked(bag, Verdict((why,), 0))

    if choice.mapping is not None:
        return _mapped(bag, choice.mapping, keep)
    if bag.state != BagState.COMPLETE:
        repair = f"; zprl bags repair {bag.path}" if bag.state == BagState.CUT_OFF else ""
        return left_out(f"it is {bag.state.value}{repair}")
    if "configuration" in bag.custom and not bag.custom.get("label"):
        return left_out("it has no label: its end was not recorded, as when the graph was stopped in the episode")
    try:
        info = EpisodeInfo.read(bag.custom)
    except ValueError as error:
        return left_out(str(error))
    if info.label not in choice.labels:
        return left_out(f"its label is {info.label or 'missing'}")
    if choice.task and info.task != choice.task:
        return left_out(f"its task is {info.task or 'unnamed'}")
    try:
        episode = BagEpisode(bag_file(bag.path), info)
        steps = tuple(map(keep, episode.steps()))
    except RecordError as error:
        return left_out(str(error))
    held, paused = (episode.left_out[motion] for motion in (Motion.HELD, Motion.PAUSED))
    count = len(steps)
    if choice.corrections:  # what the policy did before does not matter
        steps = tuple(corrected(steps))
        held, paused = 0, held + paused + count - len(steps)
    if count and not steps:
        return left_out("no human moved an arm in it")
    return Checked(bag, check_steps(info, steps, held, paused, tuple(episode.refused.items())), info, steps)


def corrected(steps: Iterable[BagStep]) -> Iterator[BagStep]:
    """Returns the steps from the first one in which a human moved an arm."""
    return dropwhile(lambda step: not step.person, steps)


def _mapped(bag: BagSummary, mapping: BagMapping, keep: Keep) -> Checked:
    """Reads and judges a bag of another recorder. Raises ValueError when the mapping does not fit its spec."""
    mapped_specs(mapping)
    try:
        info, steps, left_out = mapped_steps(bag.path, mapping, keep)
    except RecordError as error:
        return Checked(bag, Verdict((str(error),), 0))
    return Checked(bag, check_steps(info, steps, left_out[Motion.HELD], left_out[Motion.PAUSED]), info, steps)


def _check_before(first: EpisodeInfo, before: Demos | None) -> None:
    """Raises RecordError when earlier demonstrations cannot be added to those of the bags."""
    if before is None:
        return
    if (before.observation, before.action, before.task) != (first.observation, first.action, first.task):
        raise RecordError(
            f"the bags are of task {first.task or 'unnamed'}, the demonstrations before them of {before.task}, or they "
            "differ in observation or action spec; choose bags of the same robot and task"
        )


def check_alike(first: EpisodeInfo, other: EpisodeInfo, path: Path) -> None:
    """Raises RecordError when two episodes have other specs or tasks."""
    if (first.observation, first.action, first.task) != (other.observation, other.action, other.task):
        raise RecordError(
            f"{path} was recorded with another task, observation or action spec than the bags before it; put the bags "
            "of each base into a folder of their own, or choose by --task"
        )


def _add(recorder: DemoRecorder, found: Checked, choice: Choice) -> None:
    """Adds an episode; one with images is read a second time, step by step."""
    assert found.info is not None
    images = found.info.observation.images
    for step in _again(found.bag, found.info, choice) if images else found.steps:
        action = found.info.action.action(step.targets, step.observation)
        recorder.add(step.observation, np.clip(action, -1.0, 1.0))
        recorder.commit()
    recorder.keep()


def _again(bag: BagSummary, info: EpisodeInfo, choice: Choice) -> Iterator[BagStep]:
    file = bag_file(bag.path)
    if choice.mapping is not None:
        return MappedEpisode(file, choice.mapping, info.observation, info.action).steps()
    steps = BagEpisode(file, info).steps()
    return corrected(steps) if choice.corrections else steps


def reasons(left: Sequence[Checked]) -> str:
    """Returns why the first bags were left out, as the end of a sentence."""
    shown = [f"{found.bag.path.name}: {found.verdict.problems[0]}" for found in left[:3]]
    return "".join(f"; {line}" for line in shown) + ("; and so on" if len(left) > 3 else "")
