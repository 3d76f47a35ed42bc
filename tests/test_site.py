"""docs/ as a site: no broken link, nothing from the network, and the same text as on GitHub."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

from source_files import ROOT

REPOSITORY = "https://example.org/somewhere/zprl"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
PARTS = ("li", "ol", "ul", "pre", "table", "tr", "td", "h2", "h3", "img", "code", "strong")
LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


class Html(HTMLParser):
    """The tags of a page: those of its text, and what it loads and links."""

    def __init__(self, text: str, whole: bool = True):
        super().__init__()
        self.inside = whole
        self.parts: Counter[str] = Counter()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or tag == "article"
        given = {name: value or "" for name, value in attributes}
        self.ids.add(given.get("id", ""))
        if self.inside and tag in PARTS:
            self.parts[tag] += 1
        if (address := given.get(LOADS.get(tag, ""))) is not None and given.get("rel") != "canonical":
            self.loads.append(address)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "article"


def build(folder: Path, into: Path) -> "subprocess.CompletedProcess[str]":
    """Run mkdocs in a folder with mkdocs.yml."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(into)]
    variables = {**os.environ, "ZPRL_REPOSITORY": REPOSITORY, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    into = tmp_path_factory.mktemp("site")
    done = build(ROOT, into)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return into


def html_of(site: Path, page: Path) -> Path:
    return site / page.relative_to(ROOT / "docs").with_suffix(".html")


def test_every_page_and_image_is_there(site: Path) -> None:
    files = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.*")]
    built = [path.with_suffix(".html") if path.suffix == ".md" else path for path in files]
    assert len(built) > 30 and [path for path in built if not (site / path).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_loads_only_files_of_the_site(site: Path, page: Path) -> None:
    built = html_of(site, page)
    text = built.read_text()
    loads = Html(text).loads
    assert loads and [each for each in loads if not (built.parent / each.split("#")[0]).is_file()] == []
    # for these the script of the theme would ask another server
    assert not re.search(r'"(language-)?mermaid"|data-md-component="source"', text)


def test_no_style_loads_from_the_network(site: Path) -> None:
    styles = [path.read_text() for path in site.rglob("*.css")]
    assert styles and not [text for text in styles if "url(http" in text or "url(//" in text or "@import" in text]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_the_repository_and_to_anchors_exist(site: Path, page: Path) -> None:
    built = html_of(site, page)
    wrong = []
    for link in Html(built.read_text()).links:
        if link.startswith(REPOSITORY):
            kind, _, path = link.removeprefix(f"{REPOSITORY}/").partition("/main/")
            target = ROOT / unquote(urlsplit(path).path)
            wrong += [] if (target.is_dir() if kind == "tree" else target.is_file()) else [link]
        elif not urlsplit(link).scheme:
            path, _, anchor = link.partition("#")
            target = built.parent / path if path else built
            there = target.is_file() and (not anchor or unquote(anchor) in Html(target.read_text()).ids)
            wrong += [] if there else [link]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_github_shows_the_same_lists_tables_and_code(site: Path, page: Path) -> None:
    """The two read Markdown differently: an empty line before a list, four spaces within its items suit both."""
    there = Html(MarkdownIt("commonmark").enable("table").render(page.read_text())).parts
    here = Html(html_of(site, page).read_text(), whole=False).parts
    assert here == there


def test_the_search_knows_all_pages(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text()
    assert [page for page in PAGES if f'"{html_of(Path(), page)}' not in index] == []


def test_a_broken_link_or_a_page_left_out_fails(tmp_path: Path) -> None:
    for name in ("mkdocs.yml", "scripts/site_links.py", "docs"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    for path in ("src", "tests", "ros2_ws", "findings", "benchmarks", "docker", ".github", "CONTRIBUTING.md"):
        (tmp_path / path).symlink_to(ROOT / path)
    page = tmp_path / "docs" / "extra.md"
    page.write_text("[a](../src/missing.py) [b](concepts.md#nothing) [c](../src/zprl)\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    for part in ("extra.md", "'../src/missing.py'", "'concepts.md#nothing'"):
        assert part in done.stderr
    assert "../src/zprl'" not in done.stderr
