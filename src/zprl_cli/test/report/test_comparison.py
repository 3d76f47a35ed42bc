"""The comparison of runs."""

from pathlib import Path

import pytest

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_cli.report.command import RunTable
from zprl_cli.report.comparison import notes, read_row, text_table

EPISODES = "episode,robot,env_steps,outcome,steps,return\n"


def run(folder: Path, base: int | None = 90, finetuned: int | None = 180, **settings: object) -> RunFolder:
    """A run with results of 200 episodes and 30 training episodes."""
    made = RunFolder(folder)
    made.open({"task": "lift", "steer": "latent", "preset": "cpu", "seed": 0, **settings}, {})
    for name, successes in (("base", base), ("finetuned", finetuned)):
        if successes is not None:
            made.write(f"evaluation_{name}", {"successes": successes, "episodes": 200, "noise": "sampled"})
    made.metrics.mkdir()
    rows = "".join(f"{k},robot,{40 * k},{'SUCCESS' if k % 2 else 'TIME_LIMIT'},40,0\n" for k in range(30))
    (made.metrics / "episodes.csv").write_text(EPISODES + rows)
    return made


def test_a_row_has_settings_and_wilson_intervals(tmp_path: Path) -> None:
    row = read_row(run(tmp_path / "a", steer="action", preset="fast", seed=2), 140_085)
    assert row.cells == (
        "a", "action", "fast", "2", "45.0 % (38.3 to 51.9)", "90.0 % (85.1 to 93.4)", "140,085"
    )  # fmt: skip


def test_a_policy_without_a_result_is_a_dash_and_a_note_says_what_to_run(tmp_path: Path) -> None:
    row = read_row(run(tmp_path / "a", base=None, finetuned=None), 0)
    assert row.cells[4:] == ("-", "-", "-")
    assert notes([row]) == [
        "a has no evaluation of its base; zprl evaluate a --base",
        "a has no evaluation of a finetuned policy; zprl finetune makes it",
    ]


def test_the_base_result_of_an_earlier_version_with_steer_noise_is_not_shown(tmp_path: Path) -> None:
    made = run(tmp_path / "a", steer="noise")
    assert read_row(made, 9).base is not None
    made.write("evaluation_base", {"successes": 132, "episodes": 200})
    assert read_row(made, 9).base is None


def test_runs_of_different_tasks_are_said_to_be(tmp_path: Path) -> None:
    rows = [read_row(run(tmp_path / name, task=name), 1) for name in ("lift", "push")]
    assert notes(rows) == ["the runs have different tasks: lift lift, push push"]


def test_the_table_is_aligned_markdown(tmp_path: Path) -> None:
    lines = text_table([read_row(run(tmp_path / name), 1) for name in ("a", "longer")]).splitlines()
    assert len(lines) == 4 and len({len(line) for line in lines}) == 1
    assert lines[0].startswith("| run    | steer") and set(lines[1]) == set("|- ")


def test_a_damaged_run_is_named(tmp_path: Path) -> None:
    made = run(tmp_path / "a")
    made.write("config", {"settings": {"task": "lift"}})
    with pytest.raises(RunError, match=r"a cannot be compared .*steer"):
        read_row(made, 1)


def test_the_command_prints_the_table_and_plots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path / "a")
    run(tmp_path / "b", steer="noise")
    plot = tmp_path / "plot.png"
    page = tmp_path / "page.html"
    RunTable((str(tmp_path / "a"), "b"), tmp_path, page, plot).main()
    shown = capsys.readouterr().out
    assert f"page: {page}" in shown and "data:image/png" in page.read_text() and "<td>noise</td>" in page.read_text()
    assert "| a   | latent | cpu" in shown and "| b   | noise  | cpu" in shown and f"plot: {plot}" in shown
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_plot_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    run(tmp_path / "a")
    with pytest.raises(RunError, match="or give another --plot"):
        RunTable(("a",), tmp_path, tmp_path / "page.html", tmp_path / "absent" / "plot.png").main()


def test_a_page_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    run(tmp_path / "a")
    with pytest.raises(RunError, match="or give another --page"):
        RunTable(("a",), tmp_path, tmp_path / "absent" / "page.html").main()


def test_without_a_run_the_command_is_refused() -> None:
    with pytest.raises(ValueError, match="zprl report RUN"):
        RunTable(())
