"""Runs with a tiny base and actors that learned nothing, for tests of comparisons."""

from pathlib import Path

from tiny import tiny_base
from zprl.checkpoints.checkpoint import load_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.rotation import save_next
from zprl.checkpoints.run_folder import RunFolder
from zprl.training.finetune import make_learner
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions


def finetuned_run(
    path: Path, base_of: Path | None = None, seed: int = 0, base_actions: int = 4, preset: Preset = Preset.EFFICIENT
) -> RunFolder:
    """Make a run of lift, with a base of its own or that of another run."""
    options, run = RunOptions(seed=seed, preset=preset), RunFolder(path)
    run.open(options.saved, options.numbers)
    if base_of is None:
        tiny_base(run.base, n_action_steps=base_actions)
    else:
        run.base.symlink_to(base_of / "base")
    learner = make_learner(load_base(run.base), options.finetune, seed)
    config = options.finetune
    origin = read_origin(run.base, "lift", options.preset.value, config.steering, config.flow_noise)
    save_next(run.actor, lambda new: save_learner(new, learner, 1 + seed, origin))
    return run
