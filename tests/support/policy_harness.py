"""A policy runner with a small base, and the states and events that it gets. Stamps in ns, a state every 50 ms."""

import torch

from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode, SteeringConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl_core.episode_event import EpisodeEvent, EpisodeEventKind
from zprl_core.observation import TOOL, WIDTH, Pose
from zprl_core.observation_spec import arm_observation
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_policy.policy_runner import PolicyRunner

STEP = 50_000_000
CUBE = "cube"


def runner(mode: Mode = Mode.BASE, lockstep: bool = False) -> PolicyRunner:
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8))
    freeze(base)
    return PolicyRunner(
        ResidualPolicy(base, make_steering(base, SteeringConfig()), mode),
        StreamBuffer(arm_observation(("cube",))),
        lockstep,
    )


def see(f: PolicyRunner, k: int, x: float = 0.5, streams: tuple[str, ...] = (TOOL, WIDTH, CUBE)) -> None:
    samples = {TOOL: Pose((x, 0.0, 0.2), 0.0), WIDTH: 0.08, CUBE: Pose((0.5, 0.1, 0.02), 0.0)}
    for name in streams:
        f.streams.push(name, k * STEP, samples[name], arrived_ns=k * STEP)


def start(f: PolicyRunner, k: int = 1, episode: int = 0) -> None:
    f.on_event(EpisodeEvent(EpisodeEventKind.STARTED, k * STEP, episode))
