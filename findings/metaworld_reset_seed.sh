#!/usr/bin/env bash
# metaworld 3.1.1 (gymnasium 1.4.0, mujoco 3.3.0)
#
# One would guess: env.reset(seed=3) always gives the same episode, as Gymnasium's API says of a reset with a seed.
# What happens:    reset(seed=3) draws another goal each time: MetaWorld ignores reset's seed, as only a docstring deep
#                  inside says. gymnasium.make(..., seed=7) fixes the order of the goals, not the goal of a reset. So an
#                  evaluation on "the same seeds" compares policies on different episodes, and Gymnasium's own checker,
#                  which is on by default, does not warn of it.
# Way around:      wrap the environment, and make a new one with seed=SEED for each reset.
#
# Besides:         in an empty virtual environment metaworld cannot be imported: gymnasium.envs.mujoco needs packaging,
#                  which metaworld does not require (gymnasium only with its extra mujoco). Here it is installed too.
#
# Exits with 0 while this is so, with 1 when it has changed. Uses a temporary folder and removes it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check metaworld==3.1.1 gymnasium==1.4.0 mujoco==3.3.0 numpy==2.4.6 \
    packaging==26.4
PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import gymnasium
import metaworld  # registers Meta-World/MT1
import numpy as np

print(*(f"{name} {version(name)}" for name in ("metaworld", "gymnasium", "mujoco")))


def goals(env):
    return [np.round(env.reset(seed=3)[0][-3:], 4).tolist() for _ in range(5)]


def distinct(goals):
    return len({tuple(goal) for goal in goals})


plain = goals(gymnasium.make("Meta-World/MT1", env_name="reach-v3"))
seeded = [goals(gymnasium.make("Meta-World/MT1", env_name="reach-v3", seed=7)) for _ in range(2)]
print("goals of five reset(seed=3):", *plain, sep="\n  ")
print("the same with make(..., seed=7):", *seeded[0], sep="\n  ")
print("a second environment with make(..., seed=7) repeats them in order:", seeded[0] == seeded[1])
pendulum = gymnasium.make("Pendulum-v1")
print("for comparison, Pendulum-v1:", distinct([pendulum.reset(seed=3)[0].tolist() for _ in range(5)]), "distinct state")
unchanged = distinct(plain) > 1 and distinct(seeded[0]) > 1 and seeded[0] == seeded[1]
sys.exit(0 if unchanged else 1)
PYTHON
