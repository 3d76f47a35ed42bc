"""Runs a job phase by phase; a phase whose result exists is skipped."""

import contextlib
import dataclasses
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import torch

from zprl.checkpoints.backbone_file import backbone_in
from zprl.checkpoints.base_demos import add_demos
from zprl.checkpoints.beside import free_name
from zprl.checkpoints.checkpoint import load_base, save_base
from zprl.checkpoints.fingerprint import short
from zprl.checkpoints.learner_checkpoint import load_counters
from zprl.checkpoints.metadata import has_demos, read_metadata
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.checkpoints.saved_origin import check_actor_origin, check_run_origin
from zprl.delivery.reliability_test import ALPHA
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.accelerator import accelerator
from zprl.training.demos import Demos
from zprl.training.embed_demos import embedded
from zprl.training.evaluate import Evaluation, evaluate
from zprl.training.pretrain import pretrain
from zprl.training.rollout import Robot, play
from zprl.training.saved_policy import saved_policy
from zprl.training.straighten import TRAINING, straightened
from zprl.training.video import Codec
from zprl.training.windows import windows
from zprl.training.workers import ALONE, Workers
from zprl_bringup.graph.phases import can_change
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.evaluation_conditions import check_base, conditions, is_current, is_own, made_with
from zprl_cli.finetune_phase import finetune_in_process, finetune_in_ros
from zprl_cli.interim.schedule import InterimSchedule, InterimSettings
from zprl_cli.progress_bar import ProgressBar
from zprl_cli.report.report import write_report
from zprl_cli.report.result import Report
from zprl_cli.report.video import record_video
from zprl_cli.run_command import note
from zprl_cli.shared_base import copy_base
from zprl_core.errors import quoted
from zprl_core.seeds import HELD_OUT
from zprl_core.spec_difference import check_agreement
from zprl_sim.problem import Problem

RELIABLE = "reliable"  # file of a run whose finetuning ended at a success rate
NEVER = InterimSettings(0)
VIDEO_SEEDS = 20  # held-out seeds searched for an episode that shows the difference


@dataclass(frozen=True)
class Job:
    """One run: its options, its folder, and the bar that shows its progress."""

    options: RunOptions
    folder: RunFolder
    progress_bar: ProgressBar
    base_of: RunFolder | None = None  # run whose base this one finetunes; None: it makes its own
    interim: InterimSettings = NEVER
    workers: Workers = ALONE  # processes that pretrain

    def __post_init__(self) -> None:
        torch.set_num_threads(1)  # more threads than cores are slower, and sum in another order

    @cached_property
    def problem(self) -> Problem:
        """The task or environment of the run."""
        return self.options.problem

    def run(self) -> Report:
        """Run all phases in order; each resumes where it stopped."""
        self.open()
        base = self.prepared()
        self.evaluated("base", self.base_policy(base))
        self.finetuned(base)
        self.evaluated("finetuned", self.policy(base))
        self.record_video(base)
        return write_report(self.folder)

    def open(self) -> None:
        """Create the run folder, or open it to resume the run."""
        self.problem.check(self.options.seed)
        done, total = self.env_steps(), self.options.recipe.env_steps
        free = partial(can_change, folder=self.folder, longer=total >= done)
        self.folder.open(self.options.saved, self.options.numbers, free)

    def prepared(self) -> BasePolicy:
        """Return the base: that of the run, a copy of another run's, or a new one, from demonstrations."""
        if self.base_of is not None:
            copy_base(self.base_of, self.folder)
        if (self.folder.base / "checkpoint.json").exists() and not (self.folder.demos / "demos.json").exists():
            return self.base()
        return self.pretrained(self.recorded())

    def recorded(self) -> Demos:
        """Record demonstrations with the imperfect scripted expert, unless the run has them, and load them."""
        if not (self.folder.demos / "demos.json").exists():
            recipe, seed = self.options.recipe, self.options.seed
            with self.folder.timed("demos"), self.progress_bar.phase("demos", recipe.demos) as phase:
                codec = Codec.FFV1 if self.options.lossless_video else Codec.H264
                demos = self.problem.record(recipe, seed, lambda kept, _: phase.update(kept), self.folder.demos, codec)
                demos.save(self.folder.demos)
        demos = Demos.load(self.folder.demos, earlier=self.problem.observation)
        if demos.task != self.problem.name:
            raise RunError(
                f"the demonstrations in {self.folder.demos} are of task {quoted(demos.task)}, this run is of "
                f"{self.problem.name}; give the run of that task, or record new ones in a new run, for example --name "
                f"{free_name(self.folder.path)}"
            )
        return demos

    def pretrained(self, demos: Demos) -> BasePolicy:
        """Pretrain the base, unless the run has one, and load it."""
        if not (self.folder.base / "checkpoint.json").exists():
            options, problem = self.options, self.problem
            metadata: dict[str, Any] = {"task": problem.name, "seed": options.seed, "pace": options.latency.value}
            metadata |= {"demos": demos.fingerprint, "control_rate": problem.action.rate_hz}
            metadata["pretrain"] = dataclasses.asdict(options.recipe_for(problem).pretrain)
            with self.folder.timed("pretrain"):
                base = self._trained(demos)
                save_base(self.folder.base, base, demos.cameras, embedded(base, demos), **metadata)
        self._check_demos(demos)
        base = self.base()
        if not has_demos(self.folder.base):  # of an earlier version
            add_demos(self.folder.base, embedded(base, demos))
        return base

    def _trained(self, demos: Demos) -> BasePolicy:
        """Train a base; with the option euler_steps, straighten its flow."""
        options, config = self.options, self.options.recipe_for(self.problem).pretrain
        sizes = replace(options.base_config(self.problem), euler_steps=BaseConfig.euler_steps)
        with self.progress_bar.phase("pretrain", config.steps) as phase:
            show = phase.training(config.batch)
            fabric = accelerator(demos.observation.images != (), self.workers, note)
            base = pretrain(demos, sizes, config, options.seed, show, fabric, backbone_in(options.backbone))
        if options.euler_steps is None:
            return base
        with self.progress_bar.phase("straighten", TRAINING.steps) as phase:
            data, show = windows(demos, sizes.horizon), phase.training(TRAINING.batch)
            fabric = accelerator(demos.observation.images != (), self.workers)
            return straightened(base, data, options.euler_steps, TRAINING, options.seed, show, fabric)

    def _check_demos(self, demos: Demos) -> None:
        """Raises RunError when the base was pretrained from other demonstrations; earlier bases do not say."""
        then = read_metadata(self.folder.base).get("demos", "")
        if then and then != demos.fingerprint:
            raise RunError(
                f"the base in {self.folder.base} was pretrained from demonstrations {short(str(then))}, those in "
                f"{self.folder.demos} are {short(demos.fingerprint)}; restore those, or train a base from these in a "
                f"new run beside it, for example --name {free_name(self.folder.path)}, with a copy of demos/ in it"
            )

    def base(self) -> BasePolicy:
        """Load the base. Raises CheckpointError when it cannot be loaded, ValueError if it is not one of this task."""
        base = load_base(self.folder.base)
        found, wanted = base.config, self.problem
        specs = (found.observation, found.action), (wanted.observation, wanted.action)
        check_agreement(*specs, "the base", f"task {wanted.name}", "use a run of this task, or another name")
        return base

    def finetuned(self, base: BasePolicy) -> None:
        """Finetune until the policy is reliable, or the learner's checkpoint has the recipe's control steps."""
        total = self.options.recipe.env_steps
        assert total is not None
        preset, config = self.options.preset.value, self.options.finetune
        now = read_origin(self.folder.base, self.problem.name, preset, config.steering, config.flow_noise)
        check_run_origin(self.folder, now)
        if self.env_steps() >= total or self.folder.read(RELIABLE) == self._reliable():
            return
        self.folder.remove(
            f"{RELIABLE}.json", "evaluation_finetuned.json", "finetuned.gif", "report.json", "report.html"
        )
        with (
            self.folder.timed("finetune"),
            self.progress_bar.phase("finetune", total, "exploring") as phase,
            InterimSchedule(self.folder, self.interim) as interim,
        ):
            if self.options.in_process:
                reliable = finetune_in_process(self.options, self.problem, self.folder, base, phase, interim)
            else:
                reliable = finetune_in_ros(self.options, self.folder, phase, interim)
        if reliable:
            self.folder.write(RELIABLE, self._reliable())
            note(
                f"finetuning ended after {self.env_steps()} of {total} control steps: its episodes show a success rate "
                f"above {100 * self.options.tested_rate:g} %, with an error probability of {100 * ALPHA:g} %"
            )
        elif self.env_steps() < total:  # for example a full disk, or a killed learner
            raise RunError(
                f"{self.folder.actor} has {self.env_steps()} of {total} control steps; see {self.folder.logs}, check "
                "that the disk is not full, and run the same command again"
            )

    def _reliable(self) -> dict[str, Any]:
        """Return what is written when finetuning ends at a success rate."""
        return {"until": self.options.tested_rate, "env_steps": self.env_steps()}

    def env_steps(self) -> int:
        """Return the control steps in the learner's newest checkpoint; 0 without one."""
        return load_counters(self.folder.actor).env_steps

    def base_policy(self, base: BasePolicy) -> ResidualPolicy:
        """Return the policy that plays the frozen base alone."""
        return saved_policy(base, None, self.options.finetune, self.options.seed)

    def policy(self, base: BasePolicy) -> ResidualPolicy:
        """Load the finetuned policy, deterministic in z and u."""
        options, actor = self.options, self.folder.actor
        check_actor_origin(actor, read_origin(self.folder.base))
        return saved_policy(base, actor, options.finetune, options.seed)

    def evaluated(self, name: str, policy: ResidualPolicy) -> None:
        """Evaluate a policy, unless the run has the result, and write evaluation_<name>.json."""
        found = self.folder.read(f"evaluation_{name}")
        if found is not None:
            check_base(found, name, self.folder)
            if is_current(found, name, self.options, self.env_steps()):
                return
        with self.folder.timed(f"evaluate {name}"):
            self.keep(name, self.evaluation(name, policy))

    def keep(self, name: str, result: Evaluation) -> None:
        """Write a result into the run's folder evaluations, and as the run's own if it was measured like it."""
        found = {**evaluation_metadata(result), **conditions(name, self.options, self.env_steps())}
        found["made_with"] = made_with(self.problem.name, self.folder)
        noise = self.options.finetune.flow_noise.text
        (self.folder.path / "evaluations").mkdir(exist_ok=True)
        self.folder.write(f"evaluations/{name}_{noise}_{result.first_seed}_{result.success.episodes}", found)
        if is_own(found, self.folder):
            self.folder.write(f"evaluation_{name}", found)

    def evaluation(self, name: str, policy: ResidualPolicy, first_seed: int = HELD_OUT) -> Evaluation:
        """Evaluate a policy on resets first_seed, first_seed + 1, ... of the deployed task."""
        episodes = self.options.eval_episodes
        robot = self.problem.robot()
        with contextlib.closing(robot), self.progress_bar.phase(f"evaluate {name}", episodes) as phase:
            return evaluate(robot, policy, episodes, first_seed, lambda r: phase.update(r.episodes, r))

    def record_video(self, base: BasePolicy) -> None:
        """Record one held-out episode of base and finetuned policy, from the same reset.

        Does nothing when the problem cannot be rendered.
        """
        robot = self.problem.visible_robot()
        if robot is None:
            return
        policies = {"base": self.base_policy(base), "finetuned": self.policy(base)}
        with contextlib.closing(robot), self.folder.timed("film"):
            seed = telling_seed(robot, policies["base"], policies["finetuned"])
            for name, policy in policies.items():
                path = self.folder.path / f"{name}.gif"
                if not path.exists():
                    record_video(robot, policy, seed, path, name)


def telling_seed(robot: Robot, base: ResidualPolicy, finetuned: ResidualPolicy) -> int:
    """Find a held-out reset where the base fails and the finetuned policy succeeds, among the first VIDEO_SEEDS."""
    for seed in range(HELD_OUT, HELD_OUT + VIDEO_SEEDS):
        if not play(robot, base, seed).success and play(robot, finetuned, seed).success:
            return seed
    return HELD_OUT


def evaluation_metadata(result: Evaluation) -> dict[str, Any]:
    """Convert an evaluation to JSON."""
    return {
        "successes": result.success.successes,
        "episodes": result.success.episodes,
        "interval": list(result.success.interval()),
        "first_seed": result.first_seed,
        "mean_steps": result.mean_steps,
        "smoothness": dataclasses.asdict(result.smoothness),
    }
