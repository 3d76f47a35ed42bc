"""The state that all pages of the console share: the link to the graph, the cameras, and who has control."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from zprl_console.control import Control
from zprl_console.frame import Frame
from zprl_console.run_results import RunResults
from zprl_console.thumbnails import Thumbnails
from zprl_view.panel.buttons import Button
from zprl_view.panel.panel_state import PanelState


class Link(Protocol):
    """A connection with a graph, as PanelLink."""

    def state(self) -> PanelState: ...

    def press(self, button: Button, number: int = 0) -> "Future[Any]": ...  # has success and message


class Cameras(Protocol):
    """The cameras of a graph, as CameraLink."""

    def names(self) -> tuple[str, ...]: ...

    def frame(self, name: str) -> Frame | None: ...

    def newest(self) -> bytes: ...


@dataclass
class Board:
    """Used by the server's thread only."""

    robot: str  # as the page names it
    link: Link
    cameras: Cameras
    run: RunResults | None = None  # of the run's folder, where it is known
    control: Control = field(default_factory=Control)
    thumbnails: Thumbnails = field(default_factory=Thumbnails)
    state: PanelState = field(default_factory=PanelState)
    connected: set[str] = field(default_factory=set)  # viewers

    def tick(self) -> None:
        """Read the newest state. Call it a few times a second."""
        self.state = self.link.state()
        self.control.tick(self.connected, time.monotonic())
        self.thumbnails.note(self.state, self.cameras.newest())

    def results(self) -> tuple[Sequence[bool], str]:
        """Return the results of the episodes, oldest first, and which episodes these are."""
        whole = self.run.read() if self.run is not None else ()
        if whole:
            return whole, "all episodes of the run"
        return self.state.results(), "episodes heard by this console"

    @staticmethod
    def now_ms() -> int:
        """Return the clock that pages carry with each press [ms]."""
        return time.monotonic_ns() // 1_000_000
