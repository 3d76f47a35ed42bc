"""Does in every fourth tick what is not needed in each, as system calls cost more time than the physics."""

EVERY = 4  # ticks


class Seldom:
    """Is due every fourth time it is asked, or at once after `hurry`."""

    def __init__(self) -> None:
        self._left = 1

    def due(self) -> bool:
        """Returns True if it must happen now."""
        self._left -= 1
        if self._left > 0:
            return False
        self._left = EVERY
        return True

    def hurry(self) -> None:
        """Make the next time due."""
        self._left = 1
