"""Renders the comparison of several runs, a page without external files."""

import base64
import html
from collections.abc import Sequence

from zprl_cli.report.comparison import HEADS, Row
from zprl_cli.report.html import EXPLORING, STYLE


def comparison_page(rows: Sequence[Row], notes: Sequence[str], plot: bytes) -> str:
    """Render the page as text. `plot`: the curves as PNG; `notes`: what its reader must know."""
    tasks = ", ".join(dict.fromkeys(row.task for row in rows))
    heads = "".join(f"<th>{name}</th>" for name in HEADS)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row.cells) + "</tr>" for row in rows)
    remarks = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    title = f"{html.escape(tasks)}: {len(rows)} runs"
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>{STYLE}</style>
<h1>{title}</h1>
<p class="lead">Success on held-out resets with Wilson's 95 % intervals.</p>
<table><tr>{heads}</tr>{body}</table>{remarks}
<h2>Success over control steps</h2>
<img class="wide" alt="" src="data:image/png;base64,{base64.b64encode(plot).decode()}">
<p class="small">{EXPLORING}</p></html>
"""
