"""What a run came to: report.json for programs, report.html for people."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from zprl.disk import remedy
from zprl.resume import counters_of
from zprl.run_folder import RunError, RunFolder
from zprl.statistics import SuccessRate


@dataclass(frozen=True)
class Result:
    """A held-out evaluation."""

    successes: int
    episodes: int
    interval: tuple[float, float]  # Wilson, 95 %
    first_seed: int
    mean_steps: float
    third_difference_mm: float
    boundary_jump_mm: float

    @property
    def success(self) -> SuccessRate:
        return SuccessRate(self.successes, self.episodes)


@dataclass(frozen=True)
class Report:
    """One run: what it was, what it cost, what it gained."""

    task: str
    seed: int
    preset: str
    steer: str
    through_ros: bool
    base: Result
    finetuned: Result
    env_steps: int
    chunks: int
    updates: int
    wall_s: dict[str, float]
    settings: dict[str, Any]
    versions: dict[str, str]

    @property
    def clear(self) -> bool:
        """Whether the two intervals do not touch."""
        return self.base.interval[1] < self.finetuned.interval[0] or self.finetuned.interval[1] < self.base.interval[0]

    def summary(self) -> str:
        """Two lines for a terminal."""
        return (
            f"base       {self.base.success}\nfinetuned  {self.finetuned.success} after {self.env_steps} control steps"
        )


def write_report(folder: RunFolder) -> Report:
    """Write report.json and report.html from what the run left behind. Raises RunError when a phase is missing."""
    from zprl_bringup.report_page import page  # matplotlib takes a second to load: only when there is something to draw

    report = read_report(folder)
    folder.write("report", dataclasses.asdict(report))
    try:
        (folder.path / "report.html").write_text(page(report, folder))
    except OSError as error:
        raise RunError(f"cannot write report.html: {error}; {remedy(error)}") from None
    return report


def read_report(folder: RunFolder) -> Report:
    """Gather a report from the records of a run."""
    config = folder.read("config")
    if config is None:
        raise RunError(f"{folder.path} is no run; zprl finetune makes one")
    settings = config["settings"]
    counters = counters_of(folder.actor)
    return Report(
        task=settings["task"],
        seed=settings["seed"],
        preset=settings["preset"],
        steer=settings["steer"],
        through_ros=not settings["in_process"],
        base=_result(folder, "base"),
        finetuned=_result(folder, "finetuned"),
        env_steps=counters.env_steps,
        chunks=counters.added,
        updates=counters.updates,
        wall_s=folder.read("wall_s") or {},
        settings=settings,
        versions=config["versions"],
    )


def _result(folder: RunFolder, name: str) -> Result:
    words = folder.read(f"evaluation_{name}")
    if words is None:
        raise RunError(f"{folder.path} has no evaluation of the {name} policy yet; give zprl finetune again")
    smooth = words["smoothness"]
    return Result(
        words["successes"],
        words["episodes"],
        SuccessRate(words["successes"], words["episodes"]).interval(),
        words["first_seed"],
        words["mean_steps"],
        smooth["third_difference_mm"],
        smooth["boundary_jump_mm"],
    )
