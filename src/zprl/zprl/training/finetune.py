"""In-process finetuning: robot, policy and learner on one thread. The ROS graph does the same in three processes."""

from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from zprl.delivery.durable_learner import IN_PROCESS, DurableLearner
from zprl.delivery.episode_statistics import RECENT, EpisodeStatistics
from zprl.inference.load import for_loop
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.frozen_base import FrozenBase
from zprl.rl.config import FinetuneConfig, LearnerConfig, Mode, ProblemSize
from zprl.rl.demo_replay import DemoReplay, EmbeddedDemos
from zprl.rl.learner import Learner
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import Steering, make_steering
from zprl.rl.transition import Transition
from zprl.training.rollout import Episode, Robot, play
from zprl_core.host.deferred_signals import deferred_signals
from zprl_core.seeds import training_reset


def problem_size(base: FrozenBase, steering: Steering) -> ProblemSize:
    """Returns the sizes that the learner needs of a base and its steering."""
    executed, streams = base.config.n_action_steps * base.chunk_shape[1], len(base.config.observation.streams)
    return ProblemSize(base.embedding_dim, base.config.latent_dim, steering.size, steering.scale, executed, streams)


def make_policy(base: BasePolicy, config: FinetuneConfig, mode: Mode, seed: int) -> ResidualPolicy:
    """Returns a policy of `base` with the steering and the flow's noise of `config`."""
    computed = for_loop(base)
    steering, discount = make_steering(computed, config.steering), config.learner.sac.discount
    return ResidualPolicy(computed, steering, mode, config.exploration, discount, seed, config.flow_noise)


def make_learner(base: FrozenBase, config: FinetuneConfig, seed: int, demos: EmbeddedDemos | None = None) -> Learner:
    """Returns a learner for `base` with the steering of `config`. `demos`: those of the base, for a `demo_share`."""
    size = problem_size(base, make_steering(base, config.steering))
    return Learner(size, config.learner, seed, demo_replay(base, config.learner, demos))


def demo_replay(base: FrozenBase, config: LearnerConfig, demos: EmbeddedDemos | None) -> DemoReplay | None:
    """Returns the demonstrations as transitions of the base's chunks; None without."""
    return None if demos is None else DemoReplay(demos, base.config.n_action_steps, config.sac.discount)


@dataclass
class InProcess:
    """A run without ROS: `episode()` plays an episode and makes all updates that it allows.

    With a `durable_learner` the run is stored on disk and resumes from there. An episode depends on the seed, its
    number and the learner alone, so that a run that was interrupted or killed gives the same numbers as one that was
    not.
    """

    robot: Robot
    policy: ResidualPolicy
    learner: Learner
    publish_every: int
    seed: int = 0
    durable_learner: DurableLearner | None = None

    def __post_init__(self) -> None:
        statistics = self.durable_learner.statistics if self.durable_learner else EpisodeStatistics()
        self.episodes = statistics.next_episode(IN_PROCESS.robot)
        self.recent = deque(statistics.recent, maxlen=RECENT)
        self._learn()  # what an interrupted call has stored and not yet learned from

    @property
    def actor_version(self) -> int:
        """Version of the newest weights."""
        return (
            self.durable_learner.actor_version
            if self.durable_learner
            else self.learner.sac.updates // self.publish_every
        )

    @property
    def reliable(self) -> bool:
        """True once the episodes have shown the success rate that the durable learner tests."""
        return self.durable_learner is not None and self.durable_learner.statistics.reliable

    def episode(self) -> Episode:
        """Plays an episode, then learns. The actor changes only between episodes."""
        self.policy.reseed(self.seed, self.episodes)
        played = play(self.robot, self.policy, training_reset(self.seed, self.episodes), self.episodes)
        with deferred_signals():
            self.episodes += 1
            self.recent.append(played.success)
            self._keep(self.policy.take())
        self._learn()
        return played

    def _learn(self) -> None:
        """Makes all due updates, each of them whole, and gives the policy the newest actor."""
        while self.learner.due > 0:
            with deferred_signals():
                self.learner.update()
        if self.actor_version > 0:
            self._load_actor()

    def _keep(self, transitions: list[Transition]) -> None:
        if self.durable_learner:
            self.durable_learner.take(transitions)
            return
        for transition in transitions:
            self.learner.add(transition)

    def _load_actor(self) -> None:
        """Gives the policy a frozen copy of the actor."""
        actor = deepcopy(self.learner.sac.actor)
        freeze(actor)
        self.policy.load(actor, self.actor_version)


def finetune(run: InProcess, env_steps: int, progress: Callable[[InProcess, Episode], None]) -> None:
    """Plays and learns until `env_steps` control steps have been stored, or the policy is reliable."""
    while run.learner.env_steps < env_steps and not run.reliable:
        progress(run, run.episode())
