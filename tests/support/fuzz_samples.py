"""Good messages, actors, learners and policies, from which the fuzz targets make bad ones."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from zprl.checkpoints.checkpoint import pack_actor
from zprl.delivery import transition_codec
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.sequence_tracker import Source
from zprl.delivery.transition_codec import Key
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import LearnerConfig, Mode, ProblemSize, SacConfig, SteeringConfig
from zprl.rl.learner import Learner
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl.rl.transition import LatentState, Transition
from zprl_core.observation_spec import arm_observation
from zprl_msgs.msg import ReplayAck
from zprl_policy.weight_manager import WeightCompatibility

SIZE = ProblemSize(embedding_dim=3, latent_dim=2, residual_dim=2, scale=0.5, executed_dim=4)
SOURCE = Source("robot", 7)
FITS = WeightCompatibility("run", "base", 14, 2)
BASE = BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8)


def transition(k: int = 0, episode: int = 0) -> Transition:
    """The k-th one."""
    rng = np.random.default_rng(k)
    before, after = (LatentState(*(rng.normal(size=n).astype(np.float32) for n in (3, 2, 2, 2))) for _ in range(2))
    u = rng.uniform(-1, 1, 2).astype(np.float32)
    t = Transition(before, u, float(k % 2), 1 + k % 4, k % 5 == 0, False, after, k, episode, 1_500_000_000 + k)
    return replace(t, executed=rng.normal(size=4).astype(np.float32))


def message(k: int) -> bytes:
    return transition_codec.encode(Key("run", *SOURCE, k), transition(k))


MESSAGES = [message(k) for k in range(4)] + [
    transition_codec.encode(Key("räuber", "r", 2**63 - 1, 2**62), transition(9, 2**32 - 1))
]


def learner() -> Learner:
    """A small one."""
    return Learner(SIZE, LearnerConfig(SacConfig(critics=2, hidden=4, batch=4), 1.0, 4, 64))


def actor_bytes(hidden: int = 8) -> bytes:
    torch.manual_seed(hidden)
    return pack_actor(Actor(ActorShape(14, 2, hidden)), {"run": "run", "base": "base", "number": "1"})


ACTORS = [actor_bytes(hidden) for hidden in (1, 4, 8)]


def fits_an_acknowledgement(next_sequence: int, next_episode: int) -> None:
    """Raises where a node that says this would end."""
    struct.pack("<QI", next_sequence, next_episode)
    ReplayAck(next=next_sequence, next_episode=next_episode)


def open_history(folder: Path) -> DurableLearner:
    """A learner that has heard of one journal."""
    durable = DurableLearner("run", learner(), folder / "record", folder / "actor", publish_every=2)
    durable.introduce(SOURCE, 0)
    return durable


def goes_on(durable: DurableLearner) -> None:
    """The run is not spoiled: the next transition is taken, and what the learner says fits its messages."""
    k = durable.sequences.next(SOURCE)
    if durable.offer([message(k)]).new != 1:
        raise AssertionError(f"the transition {k} of an honest journal was not taken: {durable.refused.reason}")
    fits_an_acknowledgement(durable.sequences.next(SOURCE), durable.statistics.next_episode(SOURCE.robot))
    if not 0 <= durable.actor_version < 1 << 63:
        raise AssertionError(f"the next weights would have number {durable.actor_version}")


FROZEN = BasePolicy(BASE)
freeze(FROZEN)


def flown_policy() -> ResidualPolicy:
    """A policy that finetunes."""
    return ResidualPolicy(FROZEN, make_steering(FROZEN, SteeringConfig()), Mode.FINETUNE)


def train(folder: Path) -> None:
    """A learner after some updates, in `folder`, and the record that it learned from beside it."""
    durable = open_history(folder)
    durable.offer([message(k) for k in range(20)])
    for _ in range(12):
        durable.learner.update()
    durable.mark()
    durable.save()
    durable.offer([message(k) for k in range(20, 24)])
    durable.learner.update()
    durable.save()
    durable.close()
