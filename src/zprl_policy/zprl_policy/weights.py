"""Actor weights from the wire: refused or staged, and never half used. No ROS."""

import time

from zprl.actor import Actor
from zprl.checkpoint import CheckpointError, unpack_actor
from zprl.pilot import Pilot


class WeightsInbox:
    """Checks weights against this policy's run and base. The last good ones stay."""

    def __init__(self, run: str, fingerprint: str, embedding: int, steered: int):
        self.run, self.fingerprint = run, fingerprint
        self.embedding, self.steered = embedding, steered
        self.rejected = 0
        self.last_rejection = ""
        self._staged: tuple[Actor, int] | None = None
        self._since = time.monotonic()

    def offer(self, data: bytes, run: str, number: int, fingerprint: str, checksum: str) -> None:
        """Stage weights for the next chunk, or count why they are refused."""
        try:
            if run != self.run:
                raise CheckpointError(f"weights of run {run!r} refused: this policy belongs to run {self.run!r}")
            if fingerprint != self.fingerprint:
                raise CheckpointError(
                    f"weights for base {fingerprint} refused: this policy's base is {self.fingerprint}"
                )
            self._staged = unpack_actor(data, self.embedding, self.steered, checksum), number
            self._since = time.monotonic()
        except CheckpointError as error:
            self.rejected += 1
            self.last_rejection = str(error)

    def deliver(self, pilot: Pilot) -> None:
        """Hand staged weights over, between two chunks."""
        if self._staged is not None and pilot.at_boundary:
            pilot.load(*self._staged)
            self._staged = None

    @property
    def age_s(self) -> float:
        """Seconds since weights arrived."""
        return time.monotonic() - self._since
