"""Every message that docs/troubleshooting.md shows is one of the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from source_files import ROOT, product_files

PAGE = ROOT / "docs" / "troubleshooting.md"
TABLE = "| message |"
VARIES = "\N{HORIZONTAL ELLIPSIS}"  # what an f-string inserts


def texts(source: str) -> Iterator[str]:
    """Every text of a module, with an ellipsis for each value in it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else VARIES for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{[^}]*\}", VARIES, node.value)


@cache
def said() -> str:
    """All texts of the product, one a line."""
    return "\n".join(text.replace("\n", " ") for path in product_files() for text in texts(path.read_text()))


def pattern(message: str) -> str:
    """Regular expression for a message of the page, in which dots stand for what varies."""
    parts = [re.escape(part) for part in re.split(r"\.{3,}", message)]
    return "[^\n]*".join(parts)


def rows(page: str) -> list[str]:
    """The rows of the tables whose first column has messages."""
    found, inside = [], False
    for line in page.splitlines():
        inside = line.startswith(TABLE) or (inside and line.startswith("|"))
        if inside and not line.startswith((TABLE, "|---")):
            found.append(line)
    return found


def message_of(row: str) -> str:
    """The message of a row; empty if its first column has none in backticks."""
    cell = re.match(r"\| `([^`]*)` \| ", row)
    return cell[1] if cell else ""


@pytest.mark.parametrize("row", rows(PAGE.read_text()))
def test_a_message_is_one_of_the_code(row: str) -> None:
    message = message_of(row)
    assert len(message.replace(".", "").strip()) >= 12, "no message in backticks, or too short to be found"
    assert re.search(pattern(message), said()), f"no text of the code is like {message!r}"


def test_the_page_has_messages() -> None:
    assert len(rows(PAGE.read_text())) > 100


def test_a_message_that_nothing_says_is_noticed() -> None:
    assert not re.search(pattern("the robot ... danced for ... s"), said())
    assert re.search(pattern("... is stale: ... ms old"), said())
