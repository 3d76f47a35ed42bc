"""Docstrings, comments and messages are plain technical English, in the packages that are done."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from source_files import ROOT, product_files

DONE = (
    "rqt_zprl", "zprl", "zprl_bringup", "zprl_cli", "zprl_control", "zprl_core", "zprl_episodes", "zprl_hardware",
    "zprl_learner", "zprl_policy", "zprl_sim", "zprl_teleop", "zprl_view", "zprl_console",
)  # fmt: skip
# A first line that begins so does not stand alone.
BEGINNING = re.compile(r"(What|Whether|Why|Where|How|When|Who|Whoever|Whatever|Which|Of|As|Whom|To|From)\b")
WORDS = re.compile(
    r"\b(nobody|somebody|anybody|whoever|shall|so long|leaves? word|came to nothing|all the same|a person's hand"
    r"|colours?|coloured|centres?|metres?|(?:centi|milli)metres?|behaviour|cancelled|labelled"
    r"|(?:optim|synchron|initial|normal|recogn)is(?:e|es|ed|ers?|ing|ation))\b",
    re.IGNORECASE,
)
FENCED = re.compile(r"^```.*?^```|^    .*?$|`[^`]*`", re.DOTALL | re.MULTILINE)  # code in a page
PROGRAMS = [path for folder in ("benchmarks", "scripts") for path in sorted((ROOT / folder).glob("*.py"))]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = [
    *(ROOT / name for name in ("Makefile", "setup.bash")),
    *sorted((ROOT / "scripts").glob("*.sh")),
    *(path for kind in ("msg", "srv", "action") for path in sorted((ROOT / "src" / "zprl_msgs" / kind).iterdir())),
    *sorted((ROOT / "src").glob("*/config/**/*.[xy]*ml")),
]
FILES = [path for path in product_files() if any(f"/{folder}/" in str(path).replace(".py", "/") for folder in DONE)]
Described = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Described) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every comment, and of every string with a space in it."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        comment = token.type == tokenize.COMMENT
        if comment or (token.type in STRINGS and " " in token.string):
            yield token.start[0], token.string


# From Python 3.12 on an f-string is several tokens.
STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def faults(source: str) -> list[str]:
    """Docstrings whose first line cannot stand alone, and words that a plain text does not have."""
    lines = [
        f"{line}: {text.splitlines()[0]!r} does not stand alone"
        for line, text in docstrings(source)
        if BEGINNING.match(text)
        or text[0].islower()
        or not text.split("\n\n")[0].rstrip().endswith((".", ":", "!", "?"))
    ]
    return lines + [
        f"{line}: {word.group()!r} in {text[:80]!r}" for line, text in prose(source) for word in WORDS.finditer(text)
    ]


@pytest.mark.parametrize("path", [*FILES, *PROGRAMS], ids=lambda p: str(p.relative_to(ROOT)))
def test_is_plain_english(path: Path) -> None:
    assert not faults(path.read_text())


@pytest.mark.parametrize("path", [*PAGES, *TEXTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_is_plain_english(path: Path) -> None:
    text = path.read_text()
    prose = FENCED.sub("", text) if path.suffix == ".md" else text
    assert not WORDS.findall(prose)


def test_a_fault_is_noticed() -> None:
    assert faults('"""What an arm can do."""\n') == ["1: 'What an arm can do.' does not stand alone"]
    assert faults('"""Drives an arm."""\nx = "nobody is here"  # so long\n') == [
        "2: 'nobody' in '\"nobody is here\"'",
        "2: 'so long' in '# so long'",
    ]


def test_every_package_that_is_done_has_files() -> None:
    assert all(
        any(f"/{folder}/" in str(path) or str(path).endswith(f"/{folder}.py") for path in FILES) for folder in DONE
    )
