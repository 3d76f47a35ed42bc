"""The finetuning phase of a job, in one process or through the ROS graph, with the same policy, learner and record."""

import contextlib
import time
from dataclasses import dataclass, field

from zprl.checkpoints.base_demos import load_demos
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.run_folder import RunFolder
from zprl.delivery.durable_learner import DurableLearner
from zprl.models.base_policy import BasePolicy
from zprl.rl.config import Mode
from zprl.training.finetune import InProcess, finetune, make_learner, make_policy
from zprl.training.metrics_log import MetricsLog
from zprl.training.rollout import Episode
from zprl.training.statistics import SuccessRate
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.saved_run import graph_settings
from zprl_bringup.runner.run_graph import run_graph
from zprl_bringup.runner.run_status import RunStatus
from zprl_cli.interim.schedule import InterimSchedule
from zprl_cli.progress_bar import Phase
from zprl_cli.run_command import note
from zprl_sim.problem import Problem

CHECKPOINT_EVERY_S, ROW_EVERY_S = 60.0, 2.0


def finetune_in_ros(options: RunOptions, folder: RunFolder, phase: Phase, interim: InterimSchedule) -> bool:
    """Run sim, policy, episode and learner node in lockstep until the learner has the recipe's control steps.

    Returns True if it ended because the policy is reliable.
    """
    total = options.recipe.env_steps

    def show(now: RunStatus) -> None:
        if not now.learner_seen:
            return
        success = SuccessRate(now.successes_50, now.episodes_50)
        missing = needed(now.successes_needed, options.tested_rate)
        phase.update(now.env_steps, success, now.env_steps_per_s, now.updates_per_s, interim.poll(), missing)

    def ended(now: RunStatus) -> bool:
        return now.env_steps >= total or now.reliable

    return run_graph(finetune_graph(graph_settings(options, folder)), folder.path, ended, show).reliable


def finetune_in_process(
    options: RunOptions, problem: Problem, folder: RunFolder, base: BasePolicy, phase: Phase, interim: InterimSchedule
) -> bool:
    """Finetune in one process, without ROS. Ctrl-C saves a checkpoint, from which the next call resumes.

    Returns True if it ended because the policy is reliable.
    """
    config = options.finetune
    demos = load_demos(folder.base) if config.learner.demo_share > 0 else None
    learner = make_learner(base, config, options.seed, demos)
    if options.compiled and (slow := learner.compile()):
        note(slow)
    policy = make_policy(base, config, Mode.FINETUNE, options.seed)
    origin = read_origin(folder.base, problem.name, options.preset.value, config.steering, config.flow_noise)
    robot = problem.robot()
    every, until = config.publish_every, options.tested_rate
    durable = DurableLearner(folder.name, learner, folder.record, folder.actor, every, origin, until)
    with contextlib.closing(robot), contextlib.closing(durable), MetricsLog(folder.metrics, durable.ended) as metrics:
        run = InProcess(robot, policy, learner, every, options.seed, durable)
        durable.ended.clear()
        watch = _Watch(durable, metrics, phase, interim, until)
        try:
            finetune(run, options.recipe.env_steps, watch.after_episode)
        finally:
            durable.save()
        return run.reliable


def needed(successes: int, rate: float) -> str:
    """Return what is missing for finetuning to end at a success rate, for the bar."""
    return f"{successes} more successes show {100 * rate:g} %" if successes else ""


@dataclass
class _Watch:
    """Shows progress, logs metrics and saves checkpoints of an in-process run, after each episode."""

    durable_learner: DurableLearner
    metrics: MetricsLog
    phase: Phase
    interim: InterimSchedule
    until: float
    started: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    rowed: float = 0.0
    before: tuple[int, int] | None = None

    def after_episode(self, run: InProcess, episode: Episode) -> None:
        learner, now = run.learner, time.monotonic()
        if self.before is None:
            self.before = learner.env_steps, learner.sac.updates
        elapsed = max(now - self.started, 1e-6)
        steps_per_s = (learner.env_steps - self.before[0]) / elapsed
        updates_per_s = (learner.sac.updates - self.before[1]) / elapsed
        rate = SuccessRate(sum(run.recent), len(run.recent))
        missing = needed(self.durable_learner.statistics.successes_needed, self.until)
        self.phase.update(learner.env_steps, rate, steps_per_s, updates_per_s, self.interim.poll(), missing)
        for ended in self.durable_learner.ended:
            self.metrics.episode(ended)
        self.durable_learner.ended.clear()
        if now - self.rowed > ROW_EVERY_S:
            self.rowed = now
            self.metrics.row(learner, run.episodes, rate.rate, steps_per_s, updates_per_s)
        if now - self.saved > CHECKPOINT_EVERY_S:
            self.durable_learner.save()
            self.saved = now
