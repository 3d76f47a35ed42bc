"""The last image of each episode."""

from zprl_console.thumbnails import LARGEST, MOST, Thumbnails
from zprl_core.episode_event import EpisodeEventKind as Kind
from zprl_view.panel.panel_state import EpisodeRow, PanelState


def running(number: int) -> PanelState:
    return PanelState(episodes=(EpisodeRow(number, Kind.STARTED, robot="r"),))


def test_the_newest_image_of_the_running_episode_is_kept() -> None:
    kept = Thumbnails()
    for image in (b"one", b"two", b""):
        kept.note(running(4), image)
    ended = EpisodeRow(4, Kind.SUCCESS, robot="r")
    kept.note(PanelState(episodes=(ended,)), b"after its end")
    assert kept.of(ended) == kept.numbered("r", 4) == b"two"
    assert kept.of(EpisodeRow(5, Kind.SUCCESS, robot="r")) is None and kept.numbered("other", 4) is None


def test_memory_is_bounded() -> None:
    kept = Thumbnails()
    for number in range(2 * MOST):
        kept.note(running(number), b"x")
    assert [number for number in range(2 * MOST) if kept.numbered("r", number)] == list(range(MOST, 2 * MOST))
    kept.note(running(1000), b"x" * (LARGEST + 1))
    assert kept.numbered("r", 1000) is None
