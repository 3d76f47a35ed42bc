"""Makes demonstrations of zprl from a data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zprl.training.demo_recorder import DemoRecorder
from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_cli.bags.check import check_steps
from zprl_cli.datasets.episode_steps import EpisodeSteps, StepReader
from zprl_cli.datasets.open_dataset import MappedDataset
from zprl_cli.datasets.output import complete_or_absent
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError

Progress = Callable[[int], None]


@dataclass(frozen=True)
class LeftOut:
    """An episode that is no demonstration, and the reason."""

    name: str
    why: str


@dataclass(frozen=True)
class Imported:
    """Counts of what an import made, and what it left out."""

    episodes: int
    steps: int
    paused: int  # steps without motion, which were left out
    left: tuple[LeftOut, ...]


def import_dataset(
    found: MappedDataset, out: Path, codec: Codec = Codec.H264, progress: Progress = lambda done: None
) -> Imported:
    """Writes the usable episodes of a data set as demonstrations into a new folder.

    `progress` is called with the number of episodes that were read. Raises RecordError when the data set is damaged,
    when no episode can be used, or when the folder exists.
    """
    with complete_or_absent(out) as building:
        return _record(found, building, codec, progress)


def _record(found: MappedDataset, folder: Path, codec: Codec, progress: Progress) -> Imported:
    specs, left, paused = found.specs, list[LeftOut](), 0
    reader = StepReader(found.reader.path, found.mapping, specs.observation, specs.action, whole=found.own)
    with DemoRecorder(specs.observation, specs.action, folder, codec) as recorder:
        for done, episode in enumerate(found.reader.episodes(found.keys), 1):
            try:
                read = reader.steps(episode)
                why = "" if found.own else _problem(found, read)
            except ValueError as error:
                why = str(error)
            if why:
                left.append(LeftOut(episode.name, why))
            else:
                _add(recorder, read)
                paused += read.paused
            progress(done)
        if not recorder.episodes:
            shown = "".join(f"; {each.name}: {each.why}" for each in left[:3]) + ("; and so on" if left[3:] else "")
            raise RecordError(f"no episode in {found.reader.path} can be used{shown}")
        demos = recorder.demos(specs.task, 0)
        demos.save(folder)
        return _counted(demos, paused, left)


def _problem(found: MappedDataset, read: EpisodeSteps) -> str:
    """Returns why an episode of another recorder cannot be a demonstration, judged as a bag is; "" if it can."""
    specs, steps = found.specs, read.steps
    for step in steps:
        if why := specs.observation.fault(step.observation):
            return why
    count = len(steps) + read.paused
    last_ns = round(count / specs.action.rate_hz * 1e9)
    info = EpisodeInfo(specs.task, "success", 0, last_ns, 0, count, False, specs.observation, specs.action)
    return "; ".join(check_steps(info, steps, held=0, paused=read.paused).problems)


def _add(recorder: DemoRecorder, read: EpisodeSteps) -> None:
    for step in read.steps:
        action = recorder.action.action(step.targets, step.observation)
        recorder.add(step.observation, np.clip(action, -1.0, 1.0))
    recorder.keep()


def _counted(demos: Demos, paused: int, left: list[LeftOut]) -> Imported:
    return Imported(len(demos.episode_ends), len(demos.actions), paused, tuple(left))
