"""Pretrains a base on the bags of recorded episodes."""

import sys
from contextlib import suppress
from pathlib import Path

from zprl.checkpoints.run_folder import RunFolder
from zprl.training.demos import Demos
from zprl.training.workers import ALONE, Workers
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.station import load_station
from zprl_cli.bags.demos import Checked, Choice, checked, demos_from_bags
from zprl_cli.bags.slim_step import slim
from zprl_cli.listing import print_table
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.recorded_base import RecordedBase, check_used
from zprl_core.bags.bag_list import BagState, bags_in
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError
from zprl_core.files import checksum_of


def pretrain_bags(
    bags: Path,
    choice: Choice,
    station: Path | None,
    options: RunOptions,
    runs: Path,
    name: str | None,
    bar: ProgressBar,
    held_out: float | None = None,
    source: RunFolder | None = None,
    workers: Workers = ALONE,
) -> RunFolder:
    """Pretrain a base on the usable bags in a folder, say which were left out, and return the run folder.

    Demonstrations that the run has already are used again, if the bags are the same; SettingsError otherwise.
    `source`: a run whose demonstrations are added to those of the bags.
    """
    check_used(options, "--bags FOLDER")
    chosen = None if station is None else load_station(station)
    first = _first(bags, choice)
    folder = RunFolder(runs / (name or f"{first.task or 'bags'}-seed{options.seed}"))
    if source is not None and folder.path.absolute() == source.path.absolute():
        raise ValueError(f"{source.path} is the run that --from names; give another --name")
    before = None if source is None else Demos.load(source.demos)
    with folder.locked():
        if (folder.demos / "demos.json").exists():
            demos = Demos.load(folder.demos)
        else:
            demos, left = _read(bags, choice, folder, bar, before)
            _report(demos, left, before)
        signature = _signature(bags, choice, before)
        base = RecordedBase(
            bags,
            demos,
            options,
            chosen,
            bags=signature,
            latency=first.latency,
            succeeded=succeeded(choice),
            held_out=held_out,
            workers=workers,
        )
        base.make(folder, bar)
    return folder


def _read(
    bags: Path, choice: Choice, folder: RunFolder, bar: ProgressBar, before: Demos | None
) -> tuple[Demos, list[Checked]]:
    with bar.phase("bags", len(list(bags_in(bags)))) as phase:
        return demos_from_bags(
            bags, choice, folder.demos, progress=lambda done, total: phase.update(done), before=before
        )


def _first(bags: Path, choice: Choice) -> EpisodeInfo:
    """Return the episode of the first chosen bag. Raises RecordError when there is none."""
    if choice.mapping is not None:
        return _first_mapped(bags, choice)
    for bag in bags_in(bags):
        task, label = bag.custom.get("task", ""), bag.custom.get("label", "")
        if bag.state == BagState.COMPLETE and label in choice.labels and choice.task in ("", task):
            with suppress(ValueError):  # it is left out later, with the reason
                return EpisodeInfo.read(bag.custom)
    raise RecordError(
        f"{bags} has no complete bag with the label {' or '.join(choice.labels)}"
        + (f" of task {choice.task}" if choice.task else "")
        + f"; zprl bags ls {bags} shows what is there"
    )


def _first_mapped(bags: Path, choice: Choice) -> EpisodeInfo:
    """Return the episode of the first bag that can be read. Raises RecordError when there is none."""
    for found in checked(list(bags_in(bags)), choice, slim):
        if found.info is not None:
            return found.info
    raise RecordError(f"{bags} has no bag that can be read by the mapping; zprl bags check {bags} --map says why")


def chosen_text(choice: Choice, before: str | None) -> str:
    """Return a choice as text, which must stay the same: a run is continued only with the checksum that it has.

    `before`: fingerprint of the demonstrations that are added.
    """
    text = f"Choice(labels={choice.labels!r}, task={choice.task!r}, mapping={choice.mapping!r})"
    return text + (", corrections" if choice.corrections else "") + (f", and {before}" if before is not None else "")


def succeeded(choice: Choice) -> bool:
    """Return whether every chosen episode is a success."""
    return (choice.labels if choice.mapping is None else (choice.mapping.label,)) == ("success",)


def _signature(bags: Path, choice: Choice, before: Demos | None) -> str:
    """Return a checksum of the choice and the bags, which changes when one is added, removed or repaired."""
    chosen = chosen_text(choice, None if before is None else before.fingerprint)
    found = "\n".join(f"{bag.path.name} {bag.messages} {bag.size}" for bag in bags_in(bags))
    return checksum_of(f"{chosen}\n{found}".encode())[:12]


def _report(demos: Demos, left: list[Checked], before: Demos | None) -> None:
    known = "" if before is None else f"{len(before.episode_ends)} of them from --from; "
    print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps; {known}{len(left)} bags left out")
    if left:
        print_table(("bag", "left out because"), [(b.bag.path.name, "; ".join(b.verdict.problems)) for b in left])
    sys.stdout.flush()
