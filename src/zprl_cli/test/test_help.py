"""Help of the commands: each flag has a text, is used by its command, and shows a default that there is."""

import sys

import pytest

from zprl_cli import main
from zprl_cli.demos import Demos
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.evaluate import Evaluate
from zprl_cli.export import Export
from zprl_cli.finetune import Finetune
from zprl_cli.pretrain import Pretrain
from zprl_cli.report.command import RunTable
from zprl_cli.runs import Runs
from zprl_cli.sweep.command import Sweep
from zprl_cli.up import Up
from zprl_core.config.command_line import flags_of
from zprl_core.config.metadata import describe

COMMANDS = (
    "demos",
    "pretrain",
    "finetune",
    "sweep",
    "evaluate",
    "export",
    "report",
    "track",
    "up",
    "tasks",
    "stations",
    "runs",
    "doctor",
)
OF_LEARNING = {"preset", "steer", "noise", "env_steps", "eval_episodes", "robots", "in_process", "interim_episodes"}


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return what the command prints, without frames and line breaks."""
    monkeypatch.setattr(main.signal, "signal", lambda *args: None)
    monkeypatch.setattr(sys, "argv", ["zprl", *arguments])
    try:
        main.main()
    except SystemExit as end:
        assert not end.code
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.parametrize("command", [Demos, Pretrain, Finetune, Sweep, Evaluate, Export, RunTable, Runs, Up, Doctor])
def test_each_flag_has_a_text(command: type) -> None:
    assert [name for name, found in describe(command).items() if not found.text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_shows_none(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(capsys, monkeypatch, command, "--help")
    assert "None" not in text and "(default: )" not in text and command in text


@pytest.mark.parametrize("command", [Demos, Pretrain])
def test_what_comes_before_learning_has_no_flags_of_learning(command: type) -> None:
    names = {flag.name for flag in flags_of(command)}
    assert not names & OF_LEARNING and {"task", "seed", "latency", "demos", "env", "expert"} <= names


def test_finetune_offers_the_steerings_that_learn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(capsys, monkeypatch, "finetune", "--help")
    assert "--steer {latent,action,noise} " in text and "nothing" not in text
    assert "--latency real" in text and {flag.name for flag in flags_of(Finetune)} >= OF_LEARNING


def test_a_sweep_has_lists_of_what_differs_and_the_flags_of_a_run_for_the_rest() -> None:
    names, of_run = {flag.name for flag in flags_of(Sweep)}, {flag.name for flag in flags_of(Finetune)}
    assert {"tasks", "steers", "presets", "seeds"} <= names and not names & {"task", "steer", "preset", "seed", "env"}
    assert {"env_steps", "eval_episodes", "latency", "demos", "runs"} <= names & of_run


def test_versions_are_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(capsys, monkeypatch, "--version")
    assert text.startswith("zprl ") and "torch " in text and "Python 3." in text


def test_the_first_page_names_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(capsys, monkeypatch, "--help")
    assert all(f" {command} " in text for command in COMMANDS)
    assert "--version" in text and "--tyro-print-completion" in text
