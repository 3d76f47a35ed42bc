"""An interim evaluation plays the newest checkpoint of a run, without exploration, and writes nothing."""

import dataclasses
from pathlib import Path

import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.checkpoints.run_folder import RunFolder
from zprl.models.base_policy import BasePolicy
from zprl.training.finetune import make_learner
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.interim.evaluation import evaluate_newest
from zprl_cli.interim.result import FIRST_RESET


def test_two_evaluations_of_one_checkpoint_agree_and_write_nothing(tmp_path: Path) -> None:
    options, folder = RunOptions(), RunFolder(tmp_path / "run")
    folder.open(options.saved, options.numbers)
    torch.manual_seed(0)
    problem = options.problem
    base = BasePolicy(options.recipe.base(problem.observation, problem.action))
    save_base(folder.base, base)
    learner = make_learner(base, options.finetune, 0)
    learner.env_steps = 20_123
    save_learner(folder.actor / "000001", learner, 5)
    before = sorted(tmp_path.rglob("*"))
    first, second = (dataclasses.replace(evaluate_newest(folder, 2), seconds=0.0) for _ in range(2))
    assert first == second and sorted(tmp_path.rglob("*")) == before
    assert (first.env_steps, first.episodes, first.first_seed) == (20_123, 2, FIRST_RESET)
