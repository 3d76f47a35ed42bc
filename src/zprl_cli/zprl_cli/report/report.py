"""Writes the report of a run: report.json for programs, report.html for people."""

import dataclasses

from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.training.statistics import SuccessRate
from zprl_cli.report.result import Report, Result
from zprl_core.errors import remedy


def write_report(folder: RunFolder) -> Report:
    """Write report.json and report.html from the run folder. Raises RunError when a phase is missing."""
    from zprl_cli.report.html import page  # matplotlib takes a second to load, so only when needed

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
        raise RunError(f"{folder.path} is not a run folder; zprl finetune makes one")
    settings = config["settings"]
    counters = load_counters(folder.actor)
    return Report(
        task=settings.get("env") or settings["task"],
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
        base_fingerprint=(folder.read("evaluation_base") or {}).get("made_with", {}).get("base", ""),
    )


def _result(folder: RunFolder, name: str) -> Result:
    words = folder.read(f"evaluation_{name}")
    if words is None:
        raise RunError(f"{folder.path} has no evaluation of the {name} policy yet; run zprl finetune again")
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
