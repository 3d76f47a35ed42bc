"""Keeps the last camera image of each episode, in memory."""

from dataclasses import dataclass, field

from zprl_view.panel.panel_state import EpisodeRow, PanelState

MOST = 60  # episodes; the oldest ones are dropped
LARGEST = 200_000  # bytes of an image


@dataclass
class Thumbnails:
    """JPEG images by episode."""

    _images: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def note(self, state: PanelState, image: bytes) -> None:
        """Keep the image for the episode that runs; the newest one replaces the one before."""
        if state.running and image and len(image) <= LARGEST:
            key = _key(state.episodes[-1])
            self._images.pop(key, None)
            self._images[key] = image
            while len(self._images) > MOST:
                del self._images[next(iter(self._images))]

    def of(self, row: EpisodeRow) -> bytes | None:
        """Return the image of an episode; None where no camera was shown while it ran."""
        return self._images.get(_key(row))

    def numbered(self, robot: str, number: int) -> bytes | None:
        return self._images.get((robot, number))


def _key(row: EpisodeRow) -> tuple[str, int]:
    return row.robot, row.number
