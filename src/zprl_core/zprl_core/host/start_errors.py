"""Explains errors of the libraries below zprl: cause and remedy on one line.

Errors are recognized by their text, as a program may see them in the log of another one, and as this package imports
none of these libraries.
"""

import re

from zprl_core.host.start_error import StartError
from zprl_core.host.start_error_table import START_ERRORS

REPORT = "this is a bug in zprl: please report it with the lines above and the output of zprl doctor"
SAID = 400  # longest quotation of a library, in characters


def known_error(text: str) -> StartError | None:
    """Return the first row that recognizes the last words of a program."""
    return next((known for known in START_ERRORS if re.search(known.pattern, text)), None)


def explain(error: BaseException) -> str:
    """Return cause, remedy and the library's own words on one line; "" for an error that is not known."""
    return explain_text(f"{type(error).__name__}: {error}")


def explain_text(text: str) -> str:
    """Return cause, remedy and the text itself on one line; "" for an error that is not known."""
    known = known_error(text)
    if known is None:
        return ""
    said = "".join(c if c.isprintable() else "?" for c in " ".join(text.split())[:SAID])
    return f"{known.cause}; {known.remedy} ({known.library}: {said})"
