"""`zprl` as a command, in this process."""

import sys

import pytest

from zprl_cli.main import main


def run_zprl(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """Returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["zprl", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
