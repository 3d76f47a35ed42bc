"""One error that a library raises at the start of a program, with cause and remedy."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class StartError:
    """An error of a library: how to recognize it, its cause, and its remedy."""

    library: str
    pattern: str  # regular expression, searched in "Type: message"
    cause: str
    remedy: str

    def __post_init__(self) -> None:
        if not (self.library and self.pattern and self.cause and self.remedy):
            raise ValueError(f"a start error needs all its fields, got {self}")
        if "\n" in self.cause + self.remedy:
            raise ValueError(f"cause and remedy of {self.pattern!r} must each be one line")
        re.compile(self.pattern)
