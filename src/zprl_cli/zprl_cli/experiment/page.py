"""Renders the report of a comparison, a page without external files."""

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from zprl.training.paired_test import intervals
from zprl.training.statistics import SuccessRate
from zprl_cli.experiment.pairs import Pairs
from zprl_cli.experiment.record import Outcome, Setup
from zprl_cli.report.html import STYLE

INK, BAND = "#333333", "#0072b2"


def page(setup: Setup, found: Outcome, pairs: Pairs, rows: Sequence[dict[str, Any]], by: str, digest: str) -> str:
    """Render the page as text."""
    test = setup.test
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{_text(setup.task)}: A or B</title>
<style>{STYLE}</style>
<h1>{_text(setup.task)}: {_text(found.words(setup))}</h1>
<p class="lead">{found.pairs} pairs of episodes from the same resets, in random order, robot {_text(setup.robot)},
seed {setup.seed}{f", labeled by {_text(by)}" if by else ""}</p>
<div class="pair">{_card("A", setup.a, found.a)}{_card("B", setup.b, found.b)}</div>
<h2>Success of B less success of A</h2>
<img class="wide" alt="" src="data:image/png;base64,{base64.b64encode(plot(setup, pairs)).decode()}">
<p class="small">The band is a 95 % interval that holds at every look, so that the comparison may stop on it. The
intervals above are Wilson's, which are for a number of episodes that was fixed before.</p>
<h2>The rule</h2><p>Decided before the first episode: policies that succeed equally often are called different with a
probability of at most {100 * test.alpha:g} %, policies that differ by {100 * test.margin:g} points or more are called
close with one of at most {100 * test.beta:g} %. It ends undecided after {test.max_pairs} pairs.</p>
<h2>Pairs</h2>{_table(rows)}
<p class="small">SHA-256 of report.json without this number: {digest}</p></html>
"""


def plot(setup: Setup, pairs: Pairs) -> bytes:
    """Plot the difference of success rates and its interval after each pair, as PNG."""
    x = pairs.differences
    figure, axis = plt.subplots(figsize=(8.2, 3.2), layout="constrained")
    n = np.arange(1, len(x) + 1)
    if len(x):
        low, high = 100 * intervals(x).T
        axis.fill_between(n, low, high, color=BAND, alpha=0.15, linewidth=0)
        axis.plot(n, 100 * np.cumsum(x) / n, color=BAND, linewidth=1.6)
    axis.axhline(0.0, color=INK, linewidth=0.8)
    for margin in (-setup.test.margin, setup.test.margin):
        axis.axhline(100 * margin, color=INK, linewidth=0.6, linestyle=":")
    axis.set_xlabel("pairs")
    axis.set_ylabel("B less A [points]")
    axis.set_ylim(-100, 100)
    axis.spines[["top", "right"]].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110)
    plt.close(figure)
    return data.getvalue()


def _card(letter: str, identity: dict[str, str], rate: SuccessRate) -> str:
    low, high = rate.interval()
    color = "base" if letter == "A" else "finetuned"
    made = ", ".join(f"{key} {value}" for key, value in identity.items() if key != "name")
    percent = f"{100 * rate.rate:.1f} %" if rate.episodes else "-"
    return f"""<div class="card"><div>{letter}: {_text(identity["name"])}</div><div class="rate {color}">{percent}</div>
<div class="small">{rate.successes} of {rate.episodes} episodes, 95 % {100 * low:.1f} to {100 * high:.1f} %<br>
{_text(made)}</div></div>"""


def _table(rows: Sequence[dict[str, Any]]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in ("pair", "first", "A", "B", "label", "bag of A", "bag of B"))
    body = "".join(_table_row(row) for row in rows)
    return f"<table><tr>{heads}</tr>{body}</table>"


def _table_row(row: dict[str, Any]) -> str:
    a, b = row["a"], row["b"]
    label = a["label"] if a["label"] == b["label"] else f"{a['label']}, {b['label']}"
    cells = (row["pair"], row["first"], _mark(a["success"]), _mark(b["success"]), label, a["bag"], b["bag"])
    return "<tr>" + "".join(f"<td>{_text(str(cell))}</td>" for cell in cells) + "</tr>"


def _mark(success: bool) -> str:
    return "success" if success else "-"


def _text(words: str) -> str:
    return html.escape(words)
