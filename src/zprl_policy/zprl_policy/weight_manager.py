"""Actor weights from the wire: refused, kept or used, and never half used. No ROS."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from zprl.checkpoints.checkpoint import metadata_from, unpack_actor
from zprl.models.actor import Actor
from zprl.rl.residual_policy import ResidualPolicy
from zprl_core.errors import CheckpointError
from zprl_core.id_bounds import HIGHEST, MOST_AHEAD
from zprl_policy.weight_store import WeightStore


@dataclass(frozen=True)
class WeightCompatibility:
    """What weights must be made for."""

    run: str
    fingerprint: str  # of the base
    embedding_dim: int  # E
    residual_dim: int  # U

    def check(self, run: str, fingerprint: str) -> None:
        """Raises CheckpointError when weights are another run's, or another base's."""
        if run != self.run:
            raise CheckpointError(f"weights of run {run!r} refused: this policy belongs to run {self.run!r}")
        if fingerprint != self.fingerprint:
            raise CheckpointError(f"weights for base {fingerprint!r} refused: this policy's base is {self.fingerprint}")


def now(job: Callable[[], None]) -> None:
    """Do it at once."""
    job()


class WeightManager:
    """Checks weights against this policy's run and base. The last good ones stay."""

    def __init__(self, compatibility: WeightCompatibility, store: WeightStore | None = None):
        self.compatibility, self.store = compatibility, store
        self.later: Callable[[Callable[[], None]], None] = now  # who puts weights on the shelf
        self.newest = 0  # number of the newest weights that arrived or were announced
        self.rejected = 0
        self.last_rejection = ""
        self.frozen = False
        self._latest: tuple[Actor, int] | None = None  # the newest that arrived
        self._staged: tuple[Actor, int] | None = None  # for the next chunk
        self._used_s: float | None = None
        self._restore()

    def offer(self, data: bytes, run: str, actor_version: int, fingerprint: str, checksum: str) -> None:
        """Stage weights for the next chunk, or count why they are refused. Older ones than were seen are left."""
        try:
            self.compatibility.check(run, fingerprint)
            if self._latest is not None and actor_version <= self._latest[1]:
                return
            if actor_version > HIGHEST:
                raise CheckpointError(
                    f"weights {actor_version} refused: no learner counts so far; see which node sends them"
                )
            actor = unpack_actor(data, self.compatibility.embedding_dim, self.compatibility.residual_dim, checksum)
        except CheckpointError as error:
            self._reject(str(error))
            return
        self._latest, self.newest = (actor, actor_version), max(self.newest, actor_version)
        if self.store is not None and actor_version > 0:
            self.later(partial(self._keep, self.store, actor_version, data))
        if not self.frozen:
            self._staged = self._latest

    def on_published(self, actor_version: int) -> None:
        """The learner says that it has given out this number. One that is too far ahead to be true is refused."""
        if actor_version - self.newest > MOST_AHEAD:
            self._reject(
                f"a learner says that it gave out weights {actor_version}, seen were {self.newest}; not believed"
            )
            return
        self.newest = max(self.newest, actor_version)

    def freeze(self, frozen: bool) -> None:
        """Keep what is in use, whatever arrives; or take the newest again. Raises OSError when that cannot be kept."""
        self.frozen = frozen
        if frozen:
            return
        if self.store is not None:
            self.store.pin(None)
        if self._latest is not None:
            self._staged = self._latest

    def roll_back(self, actor_version: int) -> None:
        """Use earlier weights from the next chunk on, and freeze. Raises ValueError when they are not kept."""
        if self.store is None:
            raise ValueError("this policy keeps no weights; give it a state_folder")
        self._staged = self._load(self.store, actor_version), actor_version
        self.store.pin(actor_version)
        self.frozen = True

    def deliver(self, policy: ResidualPolicy) -> None:
        """Hand staged weights over, between two chunks."""
        if self._staged is not None and policy.at_boundary:
            policy.load(*self._staged)
            self._staged, self._used_s = None, time.monotonic()

    @property
    def age_s(self) -> float:
        """Seconds since the weights in use were taken; NaN when there are none."""
        return float("nan") if self._used_s is None else time.monotonic() - self._used_s

    def _restore(self) -> None:
        """Begin with the newest good weights that are kept, or with what a person pinned."""
        if self.store is None:
            return
        versions, pinned = self.store.versions, self.store.pinned
        self.newest, self.frozen = max(versions, default=0), pinned is not None
        for version in versions:
            self._latest = self._good(version)
            if self._latest is not None:
                break
        self._staged = (self._good(pinned) if pinned is not None else None) or self._latest

    def _good(self, actor_version: int) -> tuple[Actor, int] | None:
        """Weights of the shelf; None when they cannot be used, which is counted."""
        assert self.store is not None
        try:
            return self._load(self.store, actor_version), actor_version
        except (ValueError, CheckpointError) as error:
            self._reject(str(error))
            return None

    def _load(self, store: WeightStore, actor_version: int) -> Actor:
        data = store.read(actor_version)
        metadata = metadata_from(data)
        self.compatibility.check(metadata.get("run", ""), metadata.get("base", ""))
        return unpack_actor(data, self.compatibility.embedding_dim, self.compatibility.residual_dim)

    def _keep(self, store: WeightStore, actor_version: int, data: bytes) -> None:
        try:
            store.keep(actor_version, data)
        except OSError as error:
            self.last_rejection = f"weights {actor_version} are used, but cannot be kept: {error}; free some disk space"

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        self.last_rejection = reason
