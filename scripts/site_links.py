"""Hook of mkdocs: relative links that leave docs/ lead to the repository in the site, and to the files on GitHub."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)(#[^)\s]*)?(?=\))")


def on_page_markdown(markdown: str, *, page: "Page", config: "MkDocsConfig", files: "Files") -> str:
    """Return the text of a page with the links that leave docs/ turned into addresses of the repository."""
    docs = Path(config.docs_dir)
    return site_text(markdown, docs / page.file.src_uri, docs, config.extra["repository"], config.extra["branch"])


def site_text(markdown: str, page: Path, docs: Path, repository: str, branch: str) -> str:
    """Turn each relative link of `page` to an existing path outside `docs` into an address of the repository.

    A link to a missing path stays, so that a strict build refuses it.
    """

    def address(link: re.Match[str]) -> str:
        path, anchor = link[1], link[2] or ""
        target = Path(os.path.normpath(page.parent / path))
        if target.is_relative_to(docs) or not target.is_relative_to(docs.parent) or not target.exists():
            return link[0]
        kind = "tree" if target.is_dir() else "blob"
        return f"{repository.rstrip('/')}/{kind}/{branch}/{quote(str(target.relative_to(docs.parent)))}{anchor}"

    return LINK.sub(address, markdown)
