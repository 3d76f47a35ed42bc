"""Pictures of recorded episodes: motion, actions, timing and camera images of one, and the paths of all."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from zprl_cli.bags.demos import Checked
from zprl_core.action import ArmTarget
from zprl_core.arm_action import ArmAction
from zprl_core.bags.bag_reader import BagFile, bag_file
from zprl_core.bags.bag_step import BagStep
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError
from zprl_core.observation import Pose
from zprl_core.ros.bag_episode import recorded_topics

COLORS = {"success": "#009e73", "failure": "#d55e00", "timeout": "#e69f00", "discarded": "#999999"}  # Okabe and Ito
LINES, INK = ("#0072b2", "#d55e00", "#009e73"), "#333333"
FRAMES = 8  # images of a camera's contact sheet
LATE = 1.8  # intervals between messages, in usual ones, from which on one is missing

Values = npt.NDArray[np.float64]


def plot_episode(found: Checked, path: Path, topics: Collection[str] = ()) -> None:
    """Draws one episode as PNG: for each arm what was measured and commanded, the messages, and each camera.

    `topics`: of the streams, in a bag of another recorder.

    Raises RecordError when the bag has no steps.
    """
    if found.info is None or not found.steps:
        raise RecordError(f"{found.bag.path} has no control step to draw: {'; '.join(found.verdict.problems)}")
    info, steps = found.info, found.steps
    arms, images = info.action.arms, info.observation.images
    heights = [*(2.0, 1.2) * len(arms), 1.2, *(1.0 for _ in images)]
    figure, axes = plt.subplots(
        len(heights), 1, figsize=(10, 1.3 * sum(heights) + 0.6), layout="constrained", height_ratios=heights
    )
    times = seconds(info, steps)
    rows = iter(axes)
    for arm in arms:
        _motion(next(rows), arm, steps, times)
        _gripper(next(rows), arm, steps, times)
    observed = topics or {name for stream in info.observation.streams for name in recorded_topics(stream, info.images)}
    _intervals(next(rows), bag_file(found.bag.path), observed)
    for stream in images:
        _contact_sheet(next(rows), stream.name, steps, times)
    verdict = "usable" if found.verdict.usable else "; ".join(found.verdict.problems)
    figure.suptitle(f"{found.bag.path.name}: {info.label}, {len(steps)} steps, {verdict}", fontsize=10, color=INK)
    _save(figure, path)


@dataclass(frozen=True)
class Track:
    """An episode, as the overview shows it."""

    label: str
    steps: int
    paths: tuple[Values, ...]  # (T, 3) of each arm whose tool is observed [m]


def track_of(found: Checked) -> Track:
    """Returns the track of an episode that has steps."""
    assert found.info is not None
    tools = [[tool for step in found.steps if (tool := _tool(arm, step))] for arm in found.info.action.arms]
    paths = tuple(np.array([tool.position for tool in path]) for path in tools if path)
    return Track(found.info.label, len(found.steps), paths)


def plot_tracks(tracks: Sequence[Track], path: Path) -> None:
    """Draws the tool's paths of all episodes from above and from the side, and their lengths, as PNG."""
    figure, (above, side, lengths) = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
    drawn: dict[str, list[int]] = {}
    for track in tracks:
        drawn.setdefault(track.label, []).append(track.steps)
        for x, y, z in (places.T for places in track.paths):
            for axis, other in ((above, y), (side, z)):
                axis.plot(x, other, color=COLORS.get(track.label, INK), linewidth=0.8, alpha=0.6)
    for axis, other in ((above, "y"), (side, "z")):
        axis.set_xlabel("x [m]")
        axis.set_ylabel(f"{other} [m]")
        axis.set_aspect("equal", adjustable="datalim")
    for label, counts in drawn.items():
        lengths.hist(counts, bins=20, color=COLORS.get(label, INK), alpha=0.7, label=f"{len(counts)} {label}")
    lengths.set_xlabel("control steps")
    lengths.set_ylabel("episodes")
    lengths.legend(frameon=False, fontsize=8)
    for axis in (above, side, lengths):
        _plain(axis)
    _save(figure, path)


def seconds(info: EpisodeInfo, steps: Sequence[BagStep]) -> Values:
    """Returns the time of each step since the start of the episode [s]."""
    return np.array([(step.stamp_ns - info.started_ns) * 1e-9 for step in steps])


def _motion(axis: Any, arm: ArmAction, steps: Sequence[BagStep], times: Values) -> None:
    """Draws what was measured as lines, and what was executed as dots."""
    if steps[0].targets[arm.arm].tool is not None:
        seen, sent = (
            np.array([tool.position for tool in tools])
            for tools in ([_tool(arm, step) or step.targets[arm.arm].pose for step in steps], _targets(arm, steps))
        )
        unit = "tool [m]"
        names: tuple[str, ...] = ("x", "y", "z")
    else:
        sent = np.array([step.targets[arm.arm].joints for step in steps])
        seen = np.array([np.asarray(step.observation.samples[arm.stream], dtype=float) for step in steps])
        names, unit = tuple(f"q{k + 1}" for k in range(sent.shape[1])), "joints [rad]"
    apart = _apart(steps)
    for k, name in enumerate(names):
        color = LINES[k] if len(names) <= len(LINES) else None
        (line,) = axis.plot(*_broken(times, seen[:, k], apart), color=color, linewidth=1.2, label=name)
        axis.plot(times, sent[:, k], ".", markersize=2, color=line.get_color())
    _shade(axis, steps, times)
    axis.set_ylabel(f"{arm.arm} {unit}".strip())
    axis.legend(frameon=False, fontsize=8, ncols=len(names), loc="upper right")
    _plain(axis)


def _gripper(axis: Any, arm: ArmAction, steps: Sequence[BagStep], times: Values) -> None:
    widths = np.array([step.targets[arm.arm].width for step in steps]) * 1e3
    axis.plot(times, widths, ".", markersize=2, color=INK, label="executed")
    axis.set_ylabel("gripper [mm]")
    _shade(axis, steps, times)
    _plain(axis)


def _intervals(axis: Any, file: BagFile, topics: Collection[str]) -> None:
    """Draws the time between two messages of each observed topic, so that gaps stand out."""
    arrivals: dict[str, list[float]] = {}
    for message in file.messages():
        name = next((topic for topic in topics if message.topic.endswith(topic)), "")
        if name:
            arrivals.setdefault(name, []).append(message.received_ns * 1e-9)
    begin = min((times[0] for times in arrivals.values()), default=0.0)
    for name, times in sorted(arrivals.items()):
        gaps = np.diff(times) * 1e3
        if len(gaps):
            late = int(np.sum(gaps > LATE * np.median(gaps)))
            short = name.removeprefix("/").replace("/image_raw", "")
            label = f"{short}: {np.median(gaps):.0f} ms" + (f", {late} late" if late else "")
            axis.plot(np.array(times[1:]) - begin, gaps, linewidth=0.8, label=label)
    axis.set_ylabel("interval [ms]")
    axis.set_xlabel("time [s]")
    if axis.lines:
        legend = axis.legend(frameon=False, fontsize=7, ncols=2, loc="upper right")
        legend.set_in_layout(False)  # long names would squeeze all axes
    _plain(axis)


def _contact_sheet(axis: Any, camera: str, steps: Sequence[BagStep], times: Values) -> None:
    """Shows images of one camera, evenly spaced in time."""
    chosen = np.unique(np.linspace(0, len(steps) - 1, FRAMES).round().astype(int))
    images = [np.asarray(steps[k].observation.samples[camera]) for k in chosen]
    strip = np.concatenate([_visible(image) for image in images], axis=1)
    axis.imshow(strip, aspect="equal")
    width = strip.shape[1] / len(chosen)
    axis.set_xticks([(k + 0.5) * width for k in range(len(chosen))], [f"{times[k]:.1f} s" for k in chosen], fontsize=7)
    axis.set_yticks([])
    axis.set_ylabel(camera)


def _visible(image: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Returns an image as RGB; depth from near (dark) to far."""
    if image.shape[-1] == 3:
        return np.asarray(image, dtype=np.uint8)
    far = max(1.0, float(image.max()))
    return np.repeat((image.astype(np.float64) * (255.0 / far)).astype(np.uint8), 3, axis=-1)


def _tool(arm: ArmAction, step: BagStep) -> Pose | None:
    """Returns the measured tool; None for an arm that does not observe it."""
    found = step.observation.samples.get(arm.stream)
    return found if isinstance(found, Pose) else None


def _targets(arm: ArmAction, steps: Sequence[BagStep]) -> list[Pose]:
    targets: Iterator[ArmTarget] = (step.targets[arm.arm] for step in steps)
    return [target.pose for target in targets]


def _apart(steps: Sequence[BagStep]) -> npt.NDArray[np.int64]:
    """Returns the places before which steps were left out."""
    return np.flatnonzero(np.diff([step.number for step in steps]) > 1) + 1


def _broken(times: Values, values: Values, at: npt.NDArray[np.int64]) -> tuple[Values, Values]:
    """Returns a line that is interrupted before the places `at`."""
    return np.insert(times, at, np.nan), np.insert(values, at, np.nan)


def _shade(axis: Any, steps: Sequence[BagStep], times: Values) -> None:
    """Marks steps that a guard clipped, at the bottom."""
    clipped = [time for step, time in zip(steps, times, strict=True) if step.clipped]
    if clipped:
        axis.plot(clipped, np.full(len(clipped), 0.02), "|", color="#d55e00", transform=axis.get_xaxis_transform())


def _plain(axis: Any) -> None:
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.tick_params(labelsize=8, colors=INK)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="png", dpi=110)
    plt.close(figure)
