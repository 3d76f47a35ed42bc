"""The drawn diagrams name what exists, and need nothing but themselves."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from source_files import ROOT

DIAGRAMS = sorted((ROOT / "docs" / "images").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.name)
def test_a_diagram_is_complete_in_itself(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg" and root.get("aria-label")
    assert set(re.findall(r"https?://[^\"]+", path.read_text())) == {"http://www.w3.org/2000/svg"}


def test_topics_of_the_nodes_are_those_of_the_interface() -> None:
    """The page is itself checked against the code."""
    page = (ROOT / "docs" / "reference" / "ros-interface.md").read_text()
    texts = ElementTree.parse(ROOT / "docs" / "images" / "nodes.svg").iter(f"{SVG}text")
    drawn = [each.text or "" for each in texts if "topic" in each.get("class", "")]
    names = [name for text in drawn for name in text.partition(" (")[0].split(", ")]
    assert len(names) > 12 and [name for name in names if f"`{name}`" not in page] == []
