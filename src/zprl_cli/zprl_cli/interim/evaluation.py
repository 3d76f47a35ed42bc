"""One interim evaluation, in a process of its own: python -m zprl_cli.interim.evaluation RUN EPISODES.

It reads the newest checkpoint and the run's settings and writes nothing, so that it cannot disturb the training. It
prints the result as JSON.
"""

import contextlib
import dataclasses
import json
import os
import sys
import time
from pathlib import Path

from zprl.checkpoints.learner_checkpoint import load_actor
from zprl.checkpoints.run_folder import RunFolder
from zprl.rl.config import Mode
from zprl.training.evaluate import evaluate
from zprl.training.finetune import make_policy
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.interim.result import FIRST_RESET, InterimResult
from zprl_cli.job import Job
from zprl_cli.progress_bar import ProgressBar

LOWEST_PRIORITY = 19


def evaluate_newest(folder: RunFolder, episodes: int) -> InterimResult:
    """Play held-out episodes with the newest checkpoint of a run, without exploration.

    Raises RunError and CheckpointError when it cannot be loaded.
    """
    options = load_options(folder)
    job = Job(options, folder, ProgressBar())
    policy = make_policy(job.base(), options.finetune, Mode.EVALUATE, options.seed)
    actor, _, counters = load_actor(folder.actor)
    policy.load(actor, counters.actor_version)
    began_s = time.monotonic()
    with contextlib.closing(job.problem.robot()) as robot:
        success = evaluate(robot, policy, episodes, FIRST_RESET).success
    seconds = round(time.monotonic() - began_s, 1)
    return InterimResult(counters.env_steps, success.successes, success.episodes, seconds=seconds)


def main() -> None:
    """Evaluate and print the result."""
    os.nice(LOWEST_PRIORITY)
    result = evaluate_newest(RunFolder(Path(sys.argv[1])), int(sys.argv[2]))
    print(json.dumps(dataclasses.asdict(result)))


if __name__ == "__main__":
    main()
