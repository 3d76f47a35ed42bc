"""Updates a learner of preset cpu without pause, the neighbor of a measurement. Ends with SIGTERM."""

import numpy as np
import torch

from zprl.rl.config import ProblemSize
from zprl.rl.learner import Learner
from zprl.rl.presets import CPU
from zprl_core.host.scheduling import go_last

EMBEDDING, LATENT, EXECUTED = 518, 16, 40
NICE = 5  # as in a graph


def main() -> None:
    go_last(NICE)
    torch.set_num_threads(1)
    size = ProblemSize(EMBEDDING, LATENT, LATENT, 0.3, EXECUTED)
    learner = Learner(size, CPU.learner, seed=0)
    rng = np.random.default_rng(0)
    rows = {
        name: rng.normal(size=(1000, n) if n else 1000).astype(np.float32) * 0.1
        for name, n in learner.replay.sizes.items()
    }
    learner.replay.extend(rows | {"journal": np.zeros(1000, np.uint64)})
    while True:
        learner.sac.update(learner.replay.sample(CPU.learner.sac.batch, rng))


if __name__ == "__main__":
    main()
