"""The viewer's command."""

from pathlib import Path

import pytest

pytest.importorskip("rerun_cli", reason="pip install -r requirements-view.txt -c constraints.txt")

from zprl_cli.view.rerun.viewer import view_command, view_file


def test_the_viewer_listens_on_this_machine_only() -> None:
    command = view_command(Path("a.rrd"))
    assert command[command.index("--bind") + 1] == "127.0.0.1" and command[-1] == "a.rrd"


def test_without_a_screen_it_ends_with_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    assert view_file(tmp_path / "a.rrd") != 0
