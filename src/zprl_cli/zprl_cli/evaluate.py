"""`zprl evaluate`: plays held-out episodes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import FlowNoise
from zprl_bringup.graph.kept_numbers import as_it_was
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import load_options
from zprl_cli.run_command import note
from zprl_core.config.metadata import Range, check_ranges
from zprl_core.seeds import HELD_OUT, is_held_out


@dataclass(frozen=True)
class Evaluate:
    """Evaluate a run's base or finetuned policy on held-out episodes, and keep the result in its folder evaluations."""

    run: Annotated[tyro.conf.Positional[str], "run, as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    base: Annotated[bool, "evaluate the frozen base alone"] = False
    episodes: Annotated[int, "number of episodes", Range(1, 1_000_000)] = 200
    first_seed: Annotated[
        int, "first reset; the following episodes count up from it. Held-out are 1000000 to 1999999", Range(0, 2**62)
    ] = HELD_OUT
    noise: Annotated[FlowNoise | None, "noise at which the flow starts; by default the run's"] = None
    noise_seed: Annotated[int | None, "seed of fixed noise; by default the run's"] = None

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_results

        folder = find_run(self.run, self.runs)
        check_results(folder)
        if not self.base and not folder.actor.exists():
            raise RunError(f"{folder.path} has no finetuned policy; evaluate its base with --base")
        with ProgressBar() as bar:
            job = Job(self.options(folder), folder, bar)
            base, name = job.base(), "base" if self.base else "finetuned"
            result = job.evaluation(name, job.base_policy(base) if self.base else job.policy(base), self.first_seed)
            job.keep(name, result)
        last = self.first_seed + self.episodes - 1
        note = "" if is_held_out(self.first_seed) and is_held_out(last) else "; not all of them are held-out"
        print(f"{result.success}, seeds {self.first_seed} to {last}{note}")

    def options(self, folder: RunFolder) -> RunOptions:
        """Return the options of the run with those of this evaluation."""
        found = as_it_was(load_options(folder), folder, note, task_may_differ=True)
        own = found.finetune.flow_noise
        return replace(
            found,
            eval_episodes=self.episodes,
            noise=own.kind if self.noise is None else self.noise,
            noise_seed=own.seed if self.noise_seed is None else self.noise_seed,
        )
