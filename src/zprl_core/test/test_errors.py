"""Remedies for files that cannot be written name the cause."""

import errno
import os
from pathlib import Path

import pytest

from zprl_core.errors import remedy


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "free some disk space"),
        (errno.EDQUOT, "free some disk space"),
        (errno.EROFS, "read-only"),
        (errno.ENOENT, "check what is at that path"),
        (errno.EACCES, "check the write permissions"),
    ],
)
def test_each_cause_has_its_remedy(number: int, words: str, tmp_path: Path) -> None:
    assert words in remedy(OSError(number, os.strerror(number), str(tmp_path)))
    assert words in remedy(OSError(number, os.strerror(number)))


def test_what_belongs_to_another_user_says_to_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the file itself does not exist: the nearest folder counts."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    error = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "none" / "file"))
    assert remedy(error).startswith(f"{tmp_path} belongs to user ")
