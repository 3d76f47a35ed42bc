"""Renders report.html, a page without external files."""

import base64
import html
import json
from itertools import cycle
from pathlib import Path

from zprl.checkpoints.metadata import read_base_config
from zprl.checkpoints.run_folder import RunFolder
from zprl_cli.interim.result import read_results
from zprl_cli.report.plots import BASE, FINETUNED, INTERIM, Point, diagnostics, success_curve, table
from zprl_cli.report.result import Report, Result

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 980px; margin: 2.5em auto; padding: 0 1.2em; }
h1 { font-size: 1.5em; margin-bottom: 0; } h2 { font-size: 1.1em; margin: 2.2em 0 .6em; }
.lead { color: #666; margin-top: .2em; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1.4em; }
.card { border: 1px solid #e3e3e3; border-radius: 8px; padding: 1em 1.2em; }
.rate { font-size: 2.3em; font-weight: 600; } .base { color: #8a6d3b; } .finetuned { color: #0072b2; }
.card img { width: 100%; border-radius: 4px; } .small { color: #666; font-size: .9em; }
table { border-collapse: collapse; } td, th { padding: .25em 1.2em .25em 0; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } img.wide { width: 100%; }
.bar { display: flex; height: 22px; border-radius: 4px; overflow: hidden; font-size: .75em; }
.bar span { color: #fff; padding: 2px 6px; white-space: nowrap; overflow: hidden; }
pre { background: #f7f7f7; padding: 1em; border-radius: 6px; overflow-x: auto; font-size: .85em; }
"""
EXPLORING = (
    "The curve counts training episodes, in which the policy draws its actions at random to explore; the points are "
    "held-out episodes without exploration, which the success rate of a policy is. Either may be higher."
)
COLORS = ("#8a6d3b", "#56b4e9", "#999999", "#0072b2", "#009e73", "#cc79a7", "#555555")


def page(report: Report, folder: RunFolder) -> str:
    """Render the page as text."""
    how = "through ROS 2 nodes" if report.through_ros else "in process"
    clear = "The intervals do not overlap." if report.clear else "The intervals overlap: this run proves nothing yet."
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(folder.name)}</title>
<style>{STYLE}</style>
<h1>{html.escape(report.task)}: {_percent(report.base)} to {_percent(report.finetuned)}</h1>
<p class="lead">seed {report.seed}, preset {report.preset}, {report.steer} steered {how},
{report.env_steps:,} control steps, {report.chunks:,} chunks, {report.updates:,} updates. {clear}</p>
<div class="pair">{_card("base", report.base, folder)}{_card("finetuned", report.finetuned, folder)}</div>
<h2>Success over control steps</h2>{_curve(report, folder)}
<p class="small">{EXPLORING}</p>
<h2>Smoothness of the commanded motion</h2>{_smoothness(report, folder)}
<h2>Learning</h2>{_diagnostics(folder)}
<h2>Wall time</h2>{_wall(report)}
<h2>Settings and versions</h2><pre>{html.escape(json.dumps(report.settings, indent=2))}</pre>
<p class="small">{html.escape(", ".join(f"{k} {v}" for k, v in report.versions.items()))}</p></html>
"""


def _card(name: str, result: Result, folder: RunFolder) -> str:
    low, high = result.interval
    film = (
        _image(folder.path / f"{name}.gif", "image/gif") or '<p class="small">No video: rendering is not available.</p>'
    )
    last = result.first_seed + result.episodes - 1
    return f"""<div class="card"><div>{name}</div><div class="rate {name}">{_percent(result)}</div>
<div class="small">{result.successes} of {result.episodes} held-out episodes,
95 % {100 * low:.1f} to {100 * high:.1f} %, seeds {result.first_seed} to {last},
{result.mean_steps:.0f} steps on average</div>{film}</div>"""


def _curve(report: Report, folder: RunFolder) -> str:
    episodes = table(folder.metrics / "episodes.csv")
    n = report.base.episodes
    points = [
        Point(0, report.base.success, f"base, {n} held-out episodes", BASE),
        Point(report.env_steps, report.finetuned.success, f"finetuned, {n} held-out episodes", FINETUNED),
    ]
    for k, interim in enumerate(read_results(folder.metrics)):
        label = "" if k else f"interim, {interim.episodes} held-out episodes"
        points.insert(-1, Point(interim.env_steps, interim.success, label, INTERIM))
    return _embed(success_curve(episodes, points), "image/png", "wide")


def _diagnostics(folder: RunFolder) -> str:
    rows = table(folder.metrics / "metrics.csv")
    return _embed(diagnostics(rows), "image/png", "wide") if rows else "<p>No metrics were written.</p>"


def _smoothness(report: Report, folder: RunFolder) -> str:
    rows = (
        ("mean third difference", report.base.third_difference_mm, report.finetuned.third_difference_mm),
        ("mean jump where chunks meet", report.base.boundary_jump_mm, report.finetuned.boundary_jump_mm),
    )
    cells = "".join(f'<tr><td>{t}</td><td class="n">{a:.2f}</td><td class="n">{b:.2f}</td></tr>' for t, a, b in rows)
    unit = read_base_config(folder.base).action.commanded_unit
    return f"<table><tr><th>{unit}</th><th>base</th><th>finetuned</th></tr>{cells}</table>"


def _wall(report: Report) -> str:
    total = sum(report.wall_s.values()) or 1.0
    bars = "".join(
        f'<span style="width:{100 * s / total:.2f}%;background:{color}" title="{phase} {s:.0f} s">{phase}</span>'
        for (phase, s), color in zip(report.wall_s.items(), cycle(COLORS), strict=False)
    )
    words = ", ".join(f"{phase} {s:.0f} s" for phase, s in report.wall_s.items())
    return f'<div class="bar">{bars}</div><p class="small">{words}; together {total / 60:.1f} min</p>'


def _image(path: Path, kind: str) -> str:
    return _embed(path.read_bytes(), kind) if path.exists() else ""


def _embed(data: bytes, kind: str, style: str = "") -> str:
    return f'<img class="{style}" src="data:{kind};base64,{base64.b64encode(data).decode()}" alt="">'


def _percent(result: Result) -> str:
    return f"{100 * result.success.rate:.1f} %"
