"""The runs of a sweep: their names, the bases that they share, and what is done already."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError
from zprl.rl.config import Steer
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.sweep.plan import Method, Plan, PlannedRun, make_plan
from zprl_cli.sweep.start_check import check_plan

METHODS = (Method(), Method(Steer.NOISE))


def a_plan(runs: Path, options: RunOptions | None = None) -> Plan:
    return make_plan(options or RunOptions(), ("lift", "peg_insert"), METHODS, (0, 3), runs)


def begin(run: PlannedRun, options: RunOptions | None = None) -> None:
    """Make the folder of a run, as its command does."""
    chosen = options or run.options
    run.folder.open(chosen.saved, chosen.numbers)


def give_base(run: PlannedRun) -> None:
    run.base.folder.base.mkdir(parents=True)
    (run.base.folder.base / "checkpoint.json").write_text("{}")


def test_each_combination_is_a_run_with_the_name_that_zprl_finetune_gives_it(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    assert [run.name for run in plan.runs] == [
        "lift-seed0", "lift-noise-seed0", "lift-seed3", "lift-noise-seed3",
        "peg_insert-seed0", "peg_insert-noise-seed0", "peg_insert-seed3", "peg_insert-noise-seed3",
    ]  # fmt: skip
    assert [(run.options.task, run.options.seed, run.options.steer) for run in plan.runs] == list(
        product(("lift", "peg_insert"), (0, 3), (Steer.LATENT, Steer.NOISE))
    )
    assert all(run.options.in_process for run in plan.runs)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (Method(), "lift-seed0"),
        (Method(Steer.ACTION), "lift-action-seed0"),
        (Method(preset=Preset.FAST), "lift-fast-seed0"),
        (Method(Steer.NOISE, Preset.PAPER_V1), "lift-noise-paper_v1-seed0"),
    ],
)
def test_the_name_of_a_run_depends_on_nothing_else_in_the_sweep(tmp_path: Path, method: Method, name: str) -> None:
    (run,) = make_plan(RunOptions(), ("lift",), (method,), (0,), tmp_path).runs
    assert run.name == name and run.base.folder.path.name == "lift-seed0"
    assert run.owns_base is (method == Method())


def test_what_is_given_twice_is_made_once(tmp_path: Path) -> None:
    assert len(make_plan(RunOptions(), ("lift", "lift"), (*METHODS, Method()), (0, 0), tmp_path).runs) == 2


def test_the_runs_of_a_task_and_seed_share_one_base(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, RunOptions(demos=7))
    assert [base.folder.path.name for base in plan.missing_bases] == [
        "lift-seed0", "lift-seed3", "peg_insert-seed0", "peg_insert-seed3",
    ]  # fmt: skip
    assert {base.options.demos for base in plan.missing_bases} == {7}
    give_base(plan.runs[1])
    assert a_plan(tmp_path).missing_bases[0].folder.path.name == "lift-seed3"


def test_a_run_is_finished_with_its_report_and_the_same_options(tmp_path: Path) -> None:
    run = a_plan(tmp_path).runs[0]
    assert not run.finished
    begin(run)
    assert not run.finished
    run.folder.write("report", {})
    assert run.finished and run not in a_plan(tmp_path).unfinished
    longer = a_plan(tmp_path, RunOptions(env_steps=200_000)).runs[0]
    assert not longer.finished


def test_no_base_is_made_for_runs_that_are_finished(tmp_path: Path) -> None:
    for run in a_plan(tmp_path).runs[:2]:
        begin(run)
        run.folder.write("report", {})
    assert "lift-seed0" not in [base.folder.path.name for base in a_plan(tmp_path).missing_bases]


def test_an_unknown_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown task 'juggle'"):
        make_plan(RunOptions(), ("lift", "juggle"), METHODS, (0,), tmp_path)


def test_an_option_of_one_method_is_refused_for_the_others(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="demo-share"):
        make_plan(RunOptions(demo_share=0.2), ("lift",), METHODS, (0,), tmp_path)


def test_a_run_that_has_begun_with_other_settings_ends_the_sweep_before_it_starts(tmp_path: Path) -> None:
    plan = a_plan(tmp_path)
    run = plan.runs[1]
    begin(run, replace(run.options, steer=Steer.ACTION))
    check_plan(a_plan(tmp_path), tmp_path)  # nothing depends on it yet
    (run.folder.record / "000000.mcap").parent.mkdir()
    (run.folder.record / "000000.mcap").touch()
    with pytest.raises(RunError, match=r"lift-noise-seed0 was made with other settings \(steer\)"):
        check_plan(a_plan(tmp_path), tmp_path)


def test_a_base_of_other_settings_ends_the_sweep_before_it_starts(tmp_path: Path) -> None:
    base = a_plan(tmp_path).runs[0]
    begin(base, replace(base.options, demos=11))
    give_base(base)
    plan = make_plan(RunOptions(), ("lift",), (Method(Steer.NOISE),), (0,), tmp_path)
    with pytest.raises(RunError, match=r"lift-seed0 was made with other settings \(demos\)"):
        check_plan(plan, tmp_path)


def test_all_runs_together_must_fit_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan(tmp_path)
    usage = type("Usage", (), {"free": 0.1e9})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(RunError, match=r"may need 0\.7\d GB"):
        check_plan(plan, tmp_path)
    check_plan(Plan(plan.runs[:1]), tmp_path)


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    run = a_plan(tmp_path).runs[0]
    begin(run)
    (run.folder.path / "config.json").write_text(json.dumps([1]))
    run.folder.write("report", {})
    with pytest.raises(RunError, match="is damaged"):
        _ = run.finished
