"""One command of a sweep: its log, its failure, and what it needs."""

import _thread
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl_cli.sweep.token import Token, token_in
from zprl_cli.sweep.work import Outcome, Work, last_lines, perform


@pytest.fixture
def token(tmp_path: Path) -> Token:
    return token_in(tmp_path / "logs")


def a_work(token: Token, *arguments: str) -> Work:
    return Work("run", arguments, token.path.with_name("run.log"), token)


def test_a_command_writes_into_its_log_behind_what_is_there(token: Token) -> None:
    work = a_work(token, "runs", "--runs", "/nowhere")
    for _ in range(2):
        outcome = perform(work)
        assert (outcome.name, outcome.trouble, outcome.last_lines) == ("run", "", ())
    log = work.log.read_text()
    assert log.count("$ zprl runs --runs /nowhere\n") == 2 and log.count("has no run") == 2


def test_a_failure_has_the_last_lines_of_the_log(token: Token) -> None:
    outcome = perform(a_work(token, "report", "nothing", "--runs", "/nowhere"))
    assert outcome.trouble.startswith("exit code 2 on ") and "/nowhere has no run" in outcome.last_lines[-1]


def test_a_run_without_its_base_is_not_started(token: Token) -> None:
    work = a_work(token, "runs")
    outcome = perform(work, Outcome("base", 1.0, "exit code 1", ("disk full",)))
    assert "its base was not made: exit code 1" in outcome.trouble and outcome.last_lines == ("disk full",)
    assert not work.log.exists()


def test_a_machine_with_another_runs_folder_starts_nothing(token: Token, tmp_path: Path) -> None:
    other = Token(token.path, "of another folder")
    work = Work("run", ("runs",), token.path.with_name("run.log"), other)
    assert "need the same runs folder" in perform(work).trouble and not work.log.exists()
    gone = Token(tmp_path / "nowhere" / ".token", token.text)
    assert "No such file or directory" in gone.trouble() and token.trouble() == ""


def test_the_token_of_a_folder_stays(token: Token) -> None:
    assert token_in(token.path.parent) == token
    assert list(token.path.parent.iterdir()) == [token.path]


def test_the_last_lines_of_a_log_are_those_with_text(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"a\n\nb \xff\n\n")
    assert last_lines(log, 1) == ("b \ufffd",) and last_lines(log) == ("a", "b \ufffd")
    assert last_lines(tmp_path / "none") == ()


def test_the_threads_of_libraries_are_bounded(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    class Seen(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **options: Any):
            seen.update(options["env"])
            super().__init__(command, **options)

    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setattr(subprocess, "Popen", Seen)
    assert perform(replace(a_work(token, "tasks"), cores=3)).trouble == ""
    assert {seen[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")} == {"3"}


def test_an_interrupt_reaches_a_command_whose_starter_blocks_it(token: Token, tmp_path: Path) -> None:
    """As Ray's workers do."""
    work = a_work(token, "pretrain", "--demos", "1", "--runs", str(tmp_path / "runs"))

    def interrupt() -> None:
        while "demos: " not in "".join(last_lines(work.log)):
            time.sleep(0.1)
        _thread.interrupt_main()

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    threading.Thread(target=interrupt).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            perform(work)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    assert last_lines(work.log, 1) == ("zprl: stopped; run the same command again to resume",)
