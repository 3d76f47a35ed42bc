"""The report of a made-up run, the bar on a plain stream, and a film without a renderer."""

import io
from pathlib import Path

import numpy as np
import pytest

from zprl.checkpoints.checkpoint import write_folder
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.config import BaseConfig
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_cli import progress_bar
from zprl_cli.interim.result import InterimResult, append_result
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.report.plots import windowed
from zprl_cli.report.report import write_report
from zprl_cli.report.video import record_video
from zprl_core.observation_spec import arm_observation


def a_run(path: Path) -> RunFolder:
    folder = RunFolder(path / "lift-seed0")
    folder.open(RunOptions().saved, RunOptions().numbers)
    for name, successes in (("base", 96), ("finetuned", 190)):
        smooth = {"third_difference_mm": 2.5, "boundary_jump_mm": 4.0}
        words = {
            "successes": successes,
            "episodes": 200,
            "first_seed": 1_000_000,
            "mean_steps": 40.0,
            "smoothness": smooth,
        }
        folder.write(f"evaluation_{name}", words)
    folder.write("wall_s", {"demos": 1.0, "finetune": 300.0})
    config = BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)
    write_folder(folder.base, {}, {"base": config.to_json()})
    counters = {"updates": 20, "env_steps": 80, "number": 3, "added": 20}
    write_folder(folder.actor / "000001", {}, {"counters": counters})
    return folder


def test_a_run_keeps_its_name_in_a_folder_that_was_renamed(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    folder.path.rename(tmp_path / "elsewhere")
    assert RunFolder(tmp_path / "elsewhere").name == "lift-seed0"


def test_the_report_has_what_a_program_needs(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    write_report(folder)
    report = folder.read("report")
    assert report["base"]["successes"] == 96 and report["finetuned"]["episodes"] == 200
    assert report["base"]["interval"] == pytest.approx([0.4117, 0.5489], abs=1e-3)
    assert (report["env_steps"], report["chunks"], report["updates"]) == (80, 20, 20)
    assert report["wall_s"]["finetune"] == 300.0 and report["seed"] == 0 and report["task"] == "lift"


def test_the_page_says_what_is_missing(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    write_report(folder)
    page = (folder.path / "report.html").read_text()
    assert "48.0 %" in page and "95.0 %" in page and "seeds 1000000 to 1000199" in page
    assert "rendering is not available" in page and "No metrics were written" in page
    assert "mm of tool position" in page
    assert "http" not in page  # nothing is fetched


def test_the_page_shows_interim_evaluations_and_says_what_the_curve_counts(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    write_report(folder)
    before = (folder.path / "report.html").read_text()
    assert "to explore" in before and "held-out episodes without exploration" in before
    for steps, successes in ((20_000, 12), (40_000, 19)):
        append_result(folder.metrics, InterimResult(steps, successes, 20))
    write_report(folder)
    assert (folder.path / "report.html").read_text() != before


def test_a_missing_phase_is_named(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    (folder.path / "evaluation_finetuned.json").unlink()
    with pytest.raises(RunError, match="no evaluation of the finetuned policy"):
        write_report(folder)


def test_a_run_folder_of_other_settings_is_not_touched(tmp_path: Path) -> None:
    folder = a_run(tmp_path)
    folder.open(RunOptions().saved, RunOptions().numbers)  # the same command goes on
    assert load_options(folder) == RunOptions()
    with pytest.raises(RunError, match=r"settings.seed +0 +1"):
        folder.open(RunOptions(seed=1).saved, RunOptions(seed=1).numbers)
    assert folder.read("config")["settings"]["seed"] == 0


def test_the_curve_counts_the_last_fifty_episodes() -> None:
    rows = [{"env_steps": str(10 * k), "outcome": "SUCCESS" if k >= 60 else "TIMEOUT"} for k in range(100)]
    steps, rates, lows, highs = windowed(rows)
    assert steps[0] == 190 and rates[0] == 0.0  # from the twentieth episode on
    assert steps[-1] == 990 and rates[-1] == pytest.approx(40 / 50)
    assert all(low - 1e-9 <= rate <= high + 1e-9 for low, rate, high in zip(lows, rates, highs, strict=True))


def test_the_bar_leaves_a_line_for_each_phase() -> None:
    stream = io.StringIO()
    with ProgressBar(stream) as bar:
        with bar.phase("evaluate base", 200) as phase:
            phase.update(200, SuccessRate(104, 200))
        with pytest.raises(KeyboardInterrupt), bar.phase("finetune", 100) as phase:
            phase.update(40)
            raise KeyboardInterrupt
    first, second = stream.getvalue().splitlines()
    assert "52.0 % (104/200, 95 % 45.1 to 58.8)" in first
    assert "stopped at 40/100" in second


def test_the_bar_says_which_episodes_explore_and_which_are_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "QUIET_S", 0.0)
    stream = io.StringIO()
    with ProgressBar(stream) as bar, bar.phase("finetune", 100_000, "exploring") as phase:
        phase.update(41_000, SuccessRate(36, 50), 300.0, 20.0, "held-out 19/20 at 40k")
    running, last = stream.getvalue().splitlines()
    assert "41000/100000  exploring 72 % of 50, held-out 19/20 at 40k, 300 steps/s, 20 updates/s" in running
    assert "exploring 72.0 % (36/50" in last and last.endswith("held-out 19/20 at 40k")


def test_without_a_renderer_there_is_a_warning_and_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Blind:
        def restart(self, seed: int) -> None:
            return None

        def render(self) -> np.ndarray:
            raise RuntimeError("cannot render; install libegl1")

    class NoPilot:
        def start(self, episode: int) -> None:
            return None

    assert not record_video(Blind(), NoPilot(), 0, tmp_path / "x.gif", "base")  # type: ignore[arg-type]
    assert "libegl1" in capsys.readouterr().err and not (tmp_path / "x.gif").exists()
