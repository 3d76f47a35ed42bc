"""A durable learner for tests, its exact state, and the process that is killed with it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from experience import learner, message
from zprl.delivery.durable_learner import DurableLearner
from zprl.delivery.sequence_tracker import Source
from zprl.rl.learner import Learner
from zprl.rl.replay_buffer import ReplayBuffer

SOURCE = Source("robot", 7)


def open_history(folder: Path, one: Learner | None = None) -> DurableLearner:
    durable = DurableLearner("run", one or learner(capacity=64), folder / "record", folder / "actor", publish_every=4)
    durable.introduce(SOURCE, 0)
    return durable


def play(durable: DurableLearner, first: int, last: int) -> None:
    """Transitions come, and updates are done between them, irregularly as in real life."""
    for k in range(first, last):
        durable.offer([message(k)])
        for _ in range(k % 4):
            if durable.learner.due > 0:
                durable.learner.update()
                if durable.learner.sac.updates % durable.publish_every == 0:
                    durable.mark()


def state(one: Learner) -> list[torch.Tensor]:
    """Everything that the next update depends on."""
    sac = one.sac
    modules = (sac.actor, sac.critics, sac.target)
    tensors = [x.clone() for module in modules for x in module.state_dict().values()]
    optimizers = (sac.actor_opt, sac.critic_opt, sac.alpha_opt)
    moments = [x.clone() for optimizer in optimizers for x in (*optimizer.exp_avg, *optimizer.exp_avg_sq)]
    columns = [torch.from_numpy(x) for x in contents(one.replay).values()]
    words = torch.tensor([one.replay.added, one.env_steps, sac.updates])
    return [
        *tensors,
        *moments,
        torch.tensor([optimizer.steps for optimizer in optimizers]),
        *columns,
        sac.log_alpha.clone(),
        sac.rng.get_state(),
        words,
    ]


def contents(replay: ReplayBuffer) -> dict[str, npt.NDArray[np.float32]]:
    """Every column of a replay buffer, by place in the ring."""
    return replay.rows(np.arange(len(replay)), tuple(replay.sizes))


def same(a: Learner, b: Learner) -> bool:
    return (
        all(torch.equal(x, y) for x, y in zip(state(a), state(b), strict=True))
        and a.rng.bit_generator.state == b.rng.bit_generator.state
    )


def dies(durable: DurableLearner) -> None:
    """No checkpoint, no goodbye."""
    durable._log._lock.close()
