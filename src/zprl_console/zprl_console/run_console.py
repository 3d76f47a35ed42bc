"""Runs the console: joins the graph, and serves its pages."""

from dataclasses import dataclass
from pathlib import Path

from zprl_console.access import Access
from zprl_console.board import Board
from zprl_console.ros.camera_link import CameraLink
from zprl_console.run_results import RunResults
from zprl_console.web.server import serve
from zprl_view.ros.panel_link import PanelLink


@dataclass(frozen=True)
class Joined:
    """The graph that a console joins, and the robot in it."""

    domain: int
    robot: str  # its name in the episodes' events
    namespace: str = ""
    arms: tuple[str, ...] = ("",)
    episodes: Path | None = None  # table of the run's episodes


def run_console(joined: Joined, access: Access, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, whose handlers then run; KeyboardInterrupt by default."""
    with (
        PanelLink(joined.domain, joined.namespace, joined.arms, joined.robot) as link,
        CameraLink(link.context, joined.namespace) as cameras,
    ):
        run = RunResults(joined.episodes) if joined.episodes is not None else None
        serve(Board(joined.namespace or joined.robot, link, cameras, run), access, host, port)
