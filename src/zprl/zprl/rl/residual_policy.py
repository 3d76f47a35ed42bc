"""Runs the frozen base with the actor's residual, chunk by chunk, and collects transitions.

The in-process loop and the policy node use the same class.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from zprl.models.actor import Actor
from zprl.models.crops import random_corners
from zprl.models.embedding import Embedding
from zprl.models.frozen_base import FrozenBase
from zprl.models.observation_batch import ObservationBatch, batch_of
from zprl.models.residual_actor import ResidualActor
from zprl.rl.config import ExplorationConfig, Mode, NoiseConfig
from zprl.rl.flow_noise import NoiseSource
from zprl.rl.steering import Steering
from zprl.rl.transition import Array, LatentState, Transition
from zprl.rl.transition_builder import ActionChunk, ExecutedAction, TransitionBuilder
from zprl_core.observation import Observation


class ResidualPolicy:
    """Acts on observations at the control rate, and decides once per chunk."""

    def __init__(
        self,
        base: FrozenBase,
        steering: Steering,
        mode: Mode = Mode.BASE,
        exploration: ExplorationConfig | None = None,
        discount: float = 0.99,
        seed: int = 0,
        noise: NoiseConfig | None = None,
    ):
        self.base, self.steering, self.mode = base, steering, mode
        self._noise = NoiseSource(base, noise or NoiseConfig())
        self.exploration = exploration or ExplorationConfig()
        self.actor: ResidualActor | None = None
        self.actor_version = 0  # version of the actor's weights; 0 is the untrained actor of the warm-up
        self.chunks = 0
        self._rng = torch.Generator().manual_seed(seed)
        self._np_rng = np.random.default_rng(seed)
        self._recorder = TransitionBuilder(discount)
        self._chunk: ActionChunk | None = None
        self._played = 0
        self._flow: tuple[Tensor, Tensor] | None = None  # z and x_0 of the chunk
        self._push: Array | None = None
        self._last: tuple[int, LatentState] | None = None
        self._ready: list[Transition] = []

    def load(self, actor: Actor, actor_version: int) -> None:
        """Sets new weights, used from the next chunk on."""
        self.actor, self.actor_version = self.base.prepared(actor), actor_version

    def reseed(self, seed: int, episode: int) -> None:
        """Draws from here on what an episode of this number draws, whatever was drawn before."""
        both = np.random.SeedSequence((seed, episode))
        self._rng.manual_seed(int(both.generate_state(1, np.uint64)[0] >> np.uint64(1)))
        self._np_rng = np.random.default_rng(both)

    def start(self, episode: int) -> None:
        """Starts a new episode with the next observation."""
        self._recorder.start(episode)
        self._chunk, self._last = None, None
        self._push = self._draw_push()

    def act(self, observation: Observation) -> npt.NDArray[np.float32]:
        """Returns the next action (A,) in [-1, 1], and decides a new chunk when the last one is used up.

        Raises ValueError, and changes nothing, when the observation is not finite.
        """
        if self._chunk is None or self._played == len(self._chunk.actions):
            chunk = self._decide(observation)
            certain = self._recorder.begin(chunk)
            if certain is not None:
                self._ready.append(certain)
            self._chunk, self._played = chunk, 0
            self.chunks += 1
            self._last = (observation.stamp_ns, chunk.state)
        action: npt.NDArray[np.float32] = self._chunk.actions[self._played]
        self._played += 1
        self._recorder.on_action(observation.stamp_ns)
        return action

    def finish(self, observation: Observation, reward: float, terminated: bool, truncated: bool) -> None:
        """Ends the episode in the state `observation`; `reward` is that of its last step.

        If one of them is not finite, the end is unknown and incomplete transitions are discarded.
        """
        if self.base.config.observation.fault(observation) or not np.isfinite(reward):
            self.abandon()
            return
        if self._last is not None and self._last[0] == observation.stamp_ns:
            next_state = self._last[1]
        else:
            next_state = self._latent_state_at(batch_of(self.base.config.observation, [observation]))[0]
        self._ready += self._recorder.finish(observation.stamp_ns, next_state, reward, terminated, truncated)
        self._chunk = None

    def on_executed(self, stamp_ns: int, executed: ExecutedAction) -> None:
        """Records what the arm executed in the step for the observation stamped `stamp_ns`.

        From the first such report on, every step needs one: a transition with an unreported step is dropped.
        """
        self._recorder.on_executed(stamp_ns, executed)

    def waits(self, end_ns: int) -> bool:
        """Returns True if the arm may still report the last step before `end_ns`."""
        return self._recorder.waits(end_ns)

    def replan(self) -> None:
        """Decides a new chunk at the next observation, because the state has changed."""
        if self._chunk is not None:
            self._played = len(self._chunk.actions)

    def abandon(self) -> None:
        """Abandons the episode and discards incomplete transitions."""
        self._recorder.start(self._recorder.episode)
        self._chunk = None

    def take(self) -> list[Transition]:
        """Returns the transitions completed since the last call."""
        ready, self._ready = self._ready, []
        return ready

    @property
    def chunk(self) -> Array:
        """The actions of the chunk that is executed, (n, A); empty before the first one."""
        return np.zeros((0, self.base.config.action.size), np.float32) if self._chunk is None else self._chunk.actions

    @torch.no_grad()
    def base_chunk(self) -> Array:
        """Computes the actions (n, A) of the base alone, from the latent and noise of the last chunk."""
        if self._flow is None:
            return np.zeros((0, self.base.config.action.size), np.float32)
        actions: Array = self._base_chunk(*self._flow)[0].numpy()
        return actions

    @property
    def unreported(self) -> int:
        """Number of transitions dropped because the arm did not report one of their steps."""
        return self._recorder.unreported

    @property
    def at_boundary(self) -> bool:
        """True if the next `act` decides a new chunk."""
        return self._chunk is None or self._played == len(self._chunk.actions)

    @torch.no_grad()
    def _decide(self, observation: Observation) -> ActionChunk:
        state, point, z, x_0 = self._latent_state_at(batch_of(self.base.config.observation, [observation]))
        self._flow = z, x_0
        u = self._residual(_tensor(state.e), point, x_0)
        if self._plays_base:
            actions = self._base_chunk(z, x_0)
        else:
            actions = self.steering.chunk(point + self.steering.scale * u, z, x_0)
        ages = self.base.config.observation.ages(observation)
        return ActionChunk(
            state, u[0].numpy(), actions[0].numpy(), self.actor_version, self.mode == Mode.FINETUNE, ages
        )

    def _base_chunk(self, z: Tensor, x_0: Tensor) -> Tensor:
        return self.base.chunk(z, x_0)[:, : self.base.config.n_action_steps]

    @torch.no_grad()
    def _latent_state_at(self, batch: ObservationBatch) -> tuple[LatentState, Tensor, Tensor, Tensor]:
        embedding = self.base.embed(self._cropped(batch))
        z = embedding.sample(self._rng) if self.mode == Mode.FINETUNE else embedding.mu
        x_0 = self._noise.draw(self._rng)
        point = self.steering.point(embedding, z, x_0)
        return _latent_state(embedding, point), point, z, x_0

    def _cropped(self, batch: ObservationBatch) -> ObservationBatch:
        """The observations with random crops, where exploration has them."""
        vision = self.base.config.vision
        if vision is None or self.mode != Mode.FINETUNE or not self.exploration.random_crops:
            return batch
        return replace(batch, corners=random_corners(vision, len(batch.images), len(batch), self._rng))

    @property
    def _plays_base(self) -> bool:
        """True if the frozen base is played, whatever is steered."""
        return self.mode in (Mode.BASE, Mode.HOLD) or (self.mode == Mode.EVALUATE and self.actor is None)

    def _residual(self, e: Tensor, point: Tensor, x_0: Tensor) -> Tensor:
        if self._plays_base:
            return self.steering.base_residual(x_0)
        if self.mode == Mode.EVALUATE and self.actor is not None:
            return self.actor.mode(e, point)
        if self._push is not None:
            push = self._push if self.exploration.per_episode else self._uniform()
            return _tensor(push)
        if self.actor is None or self.actor_version == 0:
            return self.steering.base_residual(x_0)
        return self.actor.sample(e, point, torch.randn(point.shape, generator=self._rng))[0]

    def _draw_push(self) -> Array | None:
        x = self.exploration
        fraction = x.after_warmup if self.actor_version > 0 else x.random_fraction
        return self._uniform() if self._np_rng.random() < fraction else None

    def _uniform(self) -> Array:
        r = self.exploration.reach
        return self._np_rng.uniform(-r, r, self.steering.size).astype(np.float32)


def _latent_state(embedding: Embedding, point: Tensor) -> LatentState:
    return LatentState(*(x[0].numpy() for x in (embedding.e, embedding.mu, embedding.logvar, point)))


def _tensor(x: Array) -> Tensor:
    return torch.from_numpy(x)[None]
