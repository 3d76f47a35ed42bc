"""Writes the draft of a mapping."""

import sys
from pathlib import Path


def print_draft(text: str, out: Path | None, then: str) -> None:
    """Writes a draft to a file that does not exist yet and says what to do then, or prints the draft.

    Raises ValueError for a file that exists.
    """
    if out is None:
        sys.stdout.write(text)
        return
    try:
        with out.open("x") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{out} exists; give another --out, or remove it") from None
    print(f"{out}: {then}")
