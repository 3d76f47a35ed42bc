"""The policy that the settings name: the frozen base, what steers it, and the actor to start with."""

from dataclasses import replace

from zprl.checkpoints.checkpoint import earlier_fingerprint, fingerprint, load_base
from zprl.checkpoints.learner_checkpoint import check_fits, load_actor
from zprl.inference.load import running
from zprl.models.actor import Actor, ActorShape
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering, steering_text
from zprl_core.errors import CheckpointError
from zprl_policy.contest import Contest
from zprl_policy.settings import PolicySettings
from zprl_policy.start_steering import start_steering
from zprl_policy.weight_manager import WeightCompatibility


class LoadedPolicy:
    """The base, ready to act: it is exported, and compiled, before the arm moves."""

    def __init__(self, settings: PolicySettings):
        """Raises CheckpointError for an unusable base, ValueError for settings that it does not fit."""
        self._settings, self._mode = settings, settings.start_mode  # an invalid mode is found before the base is read
        if not settings.base:
            raise ValueError("base is not given; set it to the folder of a base, which zprl pretrain makes")
        self._loaded = load_base(settings.base)
        self.base, self.computed_by = running(self._loaded, fingerprint(self._loaded), settings.inference)
        self.config = start_steering(settings, self.base.config)
        self._steering = make_steering(self.base, self.config)
        self.base.prepared(Actor(ActorShape(self.base.embedding_dim, self._steering.size)))

    def policy(self, seed: int) -> ResidualPolicy:
        """Make the policy, with the actor that the settings name. Raises CheckpointError if that does not fit."""
        s = self._settings
        policy = ResidualPolicy(self.base, self._steering, self._mode, s.exploration, s.discount, seed, s.flow_noise)
        if s.actor:
            policy.load(*self._actor(s.actor))
        return policy

    def contest(self, policy: ResidualPolicy) -> Contest | None:
        """Make what lets two policies play by turns; None if the settings name no second one.

        Raises CheckpointError for an actor that does not fit the base.
        """
        s = self._settings
        if not s.blind.compares:
            return None
        a = self._opponent(s.blind.actor) if s.blind.actor else None
        return Contest(policy, s.blind.seed, a, self._actor(s.actor))

    def _opponent(self, folder: str) -> tuple[Actor, int]:
        found = start_steering(replace(self._settings, actor=folder), self.base.config)
        if found != self.config:
            raise CheckpointError(
                f"the actor in {folder} was trained with steering {found.text}, the one it is compared with "
                f"({self._settings.actor}) with {self.config.text}; compare actors of one steering"
            )
        return self._actor(folder)

    def _actor(self, folder: str) -> tuple[Actor, int]:
        actor, _, counters = load_actor(folder)
        check_fits(actor, self.base.embedding_dim, self._steering.size)
        return actor, counters.actor_version

    def compatibility(self) -> WeightCompatibility:
        """Return what a learner's weights must be made for."""
        return WeightCompatibility(
            self._settings.run,
            fingerprint(self._loaded),
            self.base.embedding_dim,
            self._steering.size,
            steering_text(self.config.steer, self._steering.scale),
            self._settings.flow_noise.text,
            earlier_fingerprint(self._loaded),
        )
