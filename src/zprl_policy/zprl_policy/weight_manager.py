"""Checks, stores and stages received actor weights; a set is used completely or not at all. No ROS."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from zprl.checkpoints.checkpoint import metadata_from, unpack_actor
from zprl.checkpoints.fingerprint import short
from zprl.models.actor import Actor
from zprl.rl.residual_policy import ResidualPolicy
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.files import checksum_of
from zprl_core.id_bounds import HIGHEST, MOST_AHEAD
from zprl_policy.weight_store import WeightStore


class WeightMismatchError(CheckpointError):
    """Weights of this run are for another base, or steer something else."""


@dataclass(frozen=True)
class WeightCompatibility:
    """The properties that weights must match."""

    run: str
    fingerprint: str  # fingerprint of the base
    embedding_dim: int  # E
    residual_dim: int  # U
    steering: str = ""  # see `steering_text`; "": unknown
    flow_noise: str = ""  # see `NoiseConfig.text`; "": unknown
    earlier: str = ""  # the base's fingerprint in weights stored by an earlier version

    def check(self, run: str, fingerprint: str) -> None:
        """Raises CheckpointError for weights of another run or another base."""
        if run != self.run:
            raise CheckpointError(f"weights of run {run!r} refused: this policy belongs to run {self.run!r}")
        if fingerprint != self.fingerprint and not (self.earlier and fingerprint == self.earlier):
            raise WeightMismatchError(
                f"weights for base {quoted(short(fingerprint))} refused: this policy's base is "
                f"{short(self.fingerprint)}; start policy and learner with the same base"
            )

    def check_learned(self, steering: str, flow_noise: str) -> None:
        """Raises CheckpointError for weights of another steering or noise; weights of earlier versions do not say."""
        if steering and self.steering and steering != self.steering:
            raise WeightMismatchError(
                f"weights that steer {quoted(steering)} refused: this policy steers {self.steering}; start policy and "
                "learner with the same steering"
            )
        if flow_noise and self.flow_noise and flow_noise != self.flow_noise:
            raise WeightMismatchError(
                f"weights for flow noise {quoted(flow_noise)} refused: this policy's is {self.flow_noise}; start "
                "policy and learner with the same noise"
            )


def learned_with(data: bytes) -> tuple[str, str]:
    """Returns steering and noise in the metadata of weights; "" for what they do not say."""
    try:
        found = metadata_from(data)
    except CheckpointError:
        return "", ""
    return found.get("steering", ""), found.get("flow_noise", "")


def now(job: Callable[[], None]) -> None:
    """Runs a job at once."""
    job()


class WeightManager:
    """Checks weights against this policy's run and base, and keeps the last good ones."""

    def __init__(self, compatibility: WeightCompatibility, store: WeightStore | None = None):
        self.compatibility, self.store = compatibility, store
        self.later: Callable[[Callable[[], None]], None] = now  # runs the job that stores weights
        self.newest = 0  # number of the newest weights that arrived or were announced
        self.rejected = 0
        self.last_rejection = ""
        self.mismatch = ""  # why the newest weights of this run are not for this policy; "" if they are
        self.frozen = False
        self._latest: tuple[Actor, int] | None = None  # newest received
        self._staged: tuple[Actor, int] | None = None  # to be used from the next chunk on
        self._used_s: float | None = None
        self._restore()

    def offer(self, data: bytes, run: str, actor_version: int, fingerprint: str, checksum: str) -> None:
        """Stages weights for the next chunk, or counts the refusal. Weights older than the newest are ignored."""
        try:
            self.compatibility.check(run, fingerprint)
            if self._latest is not None and actor_version <= self._latest[1]:
                return
            if actor_version > HIGHEST:
                raise CheckpointError(
                    f"weights {actor_version} refused: the number is impossibly high; check which node sends them"
                )
            actor = self._unpack(data, checksum)
        except CheckpointError as error:
            if isinstance(error, WeightMismatchError):
                self.mismatch = str(error)
            self._reject(str(error))
            return
        self.mismatch = ""
        self._latest, self.newest = (actor, actor_version), max(self.newest, actor_version)
        if self.store is not None and actor_version > 0:
            self.later(partial(self._keep, self.store, actor_version, data))
        if not self.frozen:
            self._staged = self._latest

    def on_published(self, actor_version: int) -> None:
        """Notes the newest number that the learner published. An impossibly high number is refused."""
        if actor_version - self.newest > MOST_AHEAD:
            self._reject(
                f"a learner announced weights {actor_version}, but the newest received are {self.newest}; ignored"
            )
            return
        self.newest = max(self.newest, actor_version)

    def freeze(self, frozen: bool) -> None:
        """Keeps the weights in use, or resumes taking the newest. Raises OSError when the choice cannot be stored."""
        self.frozen = frozen
        if frozen:
            return
        if self.store is not None:
            self.store.pin(None)
        if self._latest is not None:
            self._staged = self._latest

    def roll_back(self, actor_version: int) -> None:
        """Uses earlier weights from the next chunk on, and freezes. Raises ValueError when they are not stored."""
        if self.store is None:
            raise ValueError("this policy stores no weights; set its parameter state_folder")
        self._staged = self._load(self.store, actor_version), actor_version
        self.store.pin(actor_version)
        self.frozen = True

    def deliver(self, policy: ResidualPolicy) -> None:
        """Loads staged weights into the policy, between two chunks."""
        if self._staged is not None and policy.at_boundary:
            policy.load(*self._staged)
            self._staged, self._used_s = None, time.monotonic()

    @property
    def age_s(self) -> float:
        """Seconds since the weights in use were loaded; NaN when there are none."""
        return float("nan") if self._used_s is None else time.monotonic() - self._used_s

    def _restore(self) -> None:
        """Starts with the newest good stored weights, or with the pinned ones."""
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
        """Returns stored weights; None when they cannot be used, which is counted."""
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
        return self._unpack(data)

    def _unpack(self, data: bytes, checksum: str | None = None) -> Actor:
        """Unpacks weights. Their settings are compared first, because the steering decides the residual's size."""
        if checksum is None or checksum_of(data) == checksum:
            self.compatibility.check_learned(*learned_with(data))
        return unpack_actor(data, self.compatibility.embedding_dim, self.compatibility.residual_dim, checksum)

    def _keep(self, store: WeightStore, actor_version: int, data: bytes) -> None:
        try:
            store.keep(actor_version, data)
        except OSError as error:
            self.last_rejection = f"weights {actor_version} are used, but cannot be stored: {error}; {remedy(error)}"

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        self.last_rejection = reason
