"""The report of a playback, and its file."""

from pathlib import Path

from zprl_episodes.playback.play_report import PlayPhase, PlayReport


def test_a_report_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "play.json"
    assert PlayReport.read(path) == PlayReport()
    report = PlayReport(PlayPhase.STOPPED, "why", 1.5, 3.0, 2, "speed", 0.1, 0.2, 0.3, 0.4)
    report.write(path)
    assert PlayReport.read(path) == report
