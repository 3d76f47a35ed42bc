"""Prints the doctor's findings on a terminal, and writes them as JSON."""

import json
import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from zprl_cli.doctor.check import Finding, Verdict, exit_code

WORDS = {Verdict.OK: "ok", Verdict.WARN: "warn", Verdict.FAIL: "FAIL", Verdict.SKIPPED: "-"}
COLORS = {Verdict.OK: "32", Verdict.WARN: "33", Verdict.FAIL: "31", Verdict.SKIPPED: "2"}
WORD_WIDTH, NAME_WIDTH = 4, 14
MIN_WIDTH, MAX_WIDTH = 60, 120
CLEAR = "\r\033[K"


class Page:
    """Prints findings as they arrive. Colors and progress appear on a terminal only."""

    def __init__(self, stream: IO[str], env: Mapping[str, str] = os.environ):
        self.stream = stream
        self.live = stream.isatty() and env.get("TERM") != "dumb"
        self.colors = self.live and not env.get("NO_COLOR")
        self.width = min(MAX_WIDTH, max(MIN_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns))

    def begin(self, name: str, number: int, total: int) -> None:
        """Show the running check on a line that the next one overwrites."""
        if self.live:
            self._write(f"{CLEAR}  {number}/{total}  {name} ...")

    def ask(self, what: str) -> None:
        """Show an instruction for the user."""
        self._write(f"{CLEAR if self.live else ''}  you: {what}\n")

    def show(self, findings: Sequence[Finding]) -> None:
        """Show findings."""
        if self.live:
            self._write(CLEAR)
        for finding in findings:
            self._write("".join(f"{line}\n" for line in lines(finding, self.width, self.colors)))

    def end(self, findings: Sequence[Finding]) -> None:
        """Show the summary."""
        self._write(f"\n{summary(findings)}\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


def lines(finding: Finding, width: int = MAX_WIDTH, colors: bool = False) -> list[str]:
    """Format a finding in columns, with its remedy below."""
    indent = WORD_WIDTH + NAME_WIDTH + 4
    word = f"{WORDS[finding.verdict]:<{WORD_WIDTH}}"
    word = f"\033[{COLORS[finding.verdict]}m{word}\033[0m" if colors else word
    first, *rest = _wrapped(finding.found, width - indent)
    shown = [f"{word}  {finding.name:<{NAME_WIDTH}}  {first}", *(" " * indent + line for line in rest)]
    for index, line in enumerate(_wrapped(finding.remedy, width - indent - 3)):
        shown.append(" " * indent + ("-> " if index == 0 else "   ") + line)
    return shown


def summary(findings: Sequence[Finding]) -> str:
    """Count the verdicts, and say whether the set-up is ready."""
    count = Counter(finding.verdict for finding in findings)
    word = "not ready" if exit_code(findings) else "ready"
    return (
        f"{word}: {count[Verdict.OK]} green, {count[Verdict.WARN]} yellow, {count[Verdict.FAIL]} red, "
        f"{count[Verdict.SKIPPED]} not needed"
    )


def open_json(path: Path) -> IO[str]:
    """Open and empty the JSON file, so that earlier findings do not stay. Raises ValueError."""
    try:
        return path.open("w")
    except OSError as error:
        raise ValueError(f"--json {path} cannot be written: {error.strerror}; choose another file") from error


def write_json(file: IO[str], robot: str, findings: Sequence[Finding]) -> None:
    """Write the findings as JSON and close the file. Raises OSError."""
    page = {"robot": robot, "exit_code": exit_code(findings), "findings": [asdict(finding) for finding in findings]}
    with file:
        file.write(json.dumps(page, indent=2) + "\n")


def _wrapped(text: str, width: int) -> list[str]:
    """Wrap each line to lines of at most `width` without splitting paths or commands."""
    wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False).wrap
    return [part for line in text.splitlines() for part in wrap(line)]
