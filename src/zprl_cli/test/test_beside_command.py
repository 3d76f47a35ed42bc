"""The command that is offered when a run must not be continued."""

from pathlib import Path

import pytest

from zprl_cli.beside_command import beside_command


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ""),
        (["--name", "up"], ""),
        (["--name=up", "--beside"], ""),
        (["--base", "my runs/base"], " --base 'my runs/base'"),
    ],
    ids=str,
)
def test_it_is_the_same_command_with_a_free_name(tmp_path: Path, given: list[str], expected: str) -> None:
    (tmp_path / "up").mkdir()
    assert beside_command(["up", *given], tmp_path / "up") == f"zprl up{expected} --name up-2"
    (tmp_path / "up-2").mkdir()
    assert beside_command(["up", *given], tmp_path / "up") == f"zprl up{expected} --name up-3"


@pytest.mark.parametrize("given", [["--resume", "runs/up"], ["--resume=runs/up", "--env-steps", "9"]], ids=str)
def test_a_resumed_run_has_none(tmp_path: Path, given: list[str]) -> None:
    assert beside_command(["finetune", *given], tmp_path / "up") == ""
