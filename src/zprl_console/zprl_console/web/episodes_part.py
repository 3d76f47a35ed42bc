"""The success curve, and the list of episodes with their last camera image."""

from urllib.parse import urlencode

from nicegui import ui

from zprl.training.statistics import SuccessRate
from zprl_console.board import Board
from zprl_console.success_curve import WINDOW, chart, success_curve
from zprl_console.web.parts import Part
from zprl_view.panel.panel_state import EpisodeRow

SHOWN = 30  # episodes in the list, the newest first


class CurvePart:
    """Success rate of the last WINDOW episodes, with its 95 % interval, over the episodes."""

    def __init__(self) -> None:
        part = Part("Success", "success")
        with part.card:
            self._rate = ui.label().classes("rate")
            self._curve = ui.echart(chart(())).classes("curve")
            self._which = ui.label().classes("faint")
        self._results = 0

    def show(self, board: Board) -> None:
        results, which = board.results()
        last = results[-WINDOW:]
        rate = SuccessRate(sum(last), len(last))
        self._rate.set_text(f"last {len(last)} episodes: {rate}" if last else "no episode has ended yet")
        self._which.set_text(f"{which}: {len(results)}; band: Wilson's 95 % interval of the last {WINDOW}")
        if len(results) != self._results:
            self._results = len(results)
            self._curve.options.clear()
            self._curve.options.update(chart(success_curve(results)))


class EpisodesPart:
    """The newest episodes."""

    def __init__(self) -> None:
        part = Part("Episodes", "episodes-part")
        with part.card:
            self._list = ui.element("div").classes("episodes")
        self._shown: tuple[tuple[EpisodeRow, bool], ...] = ()

    def show(self, board: Board) -> None:
        rows = reversed(board.state.episodes[-SHOWN:])
        shown = tuple((row, board.thumbnails.of(row) is not None and not row.running) for row in rows)
        if shown != self._shown:
            self._shown = shown
            self._list.clear()
            with self._list:
                for row, has_image in shown:
                    _episode(row, has_image)


def _episode(row: EpisodeRow, has_image: bool) -> None:
    with ui.element("div").classes("episode"):
        if has_image:
            image = ui.element("img")
            image.props["src"] = "/thumbnail?" + urlencode({"robot": row.robot, "episode": row.number})
            image.props["alt"] = f"last image of episode {row.number}"
        else:
            ui.element("div").classes("none")
        with ui.element("div"):
            label = "running" if row.running else row.kind.name
            ui.label(f"{row.number}  {label}").classes(f"label-{label}")
            more = (f"{row.steps} steps" if row.steps else "", row.source, row.reason)
            ui.label(", ".join(filter(None, more))).classes("faint")
