"""One of two policies that are compared: the finetuned policy of a run, or its base."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from zprl.checkpoints.actor_noise import actor_noise
from zprl.checkpoints.actor_steering import actor_steering
from zprl.checkpoints.checkpoint import arrays_of, load_base
from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.fingerprint import read_fingerprint, short
from zprl.checkpoints.learner_checkpoint import load_actor
from zprl.checkpoints.metadata import read_base_config, read_metadata
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.checkpoints.saved_origin import check_actor_origin
from zprl.rl.config import NoiseConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.saved_policy import saved_policy
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.spec_difference import check_agreement

BASE = ":base"  # what follows a run's name if its base is meant


@dataclass(frozen=True)
class Contestant:
    """A policy of a run. `base`: folder of its frozen base; `actor`: folder of its actor, None for the base alone."""

    name: str
    run: RunFolder
    base: Path
    actor: Path | None

    @property
    def identity(self) -> dict[str, str]:
        """Fingerprints of what plays, so that results of another policy are not mixed with its own, as JSON."""
        found = {"name": self.name, "base": short(read_fingerprint(self.base))}
        if self.actor is None:
            return found
        actor, _, counters = load_actor(self.actor)
        digest = hashlib.sha256(b"".join(x.tobytes() for _, x in sorted(arrays_of(actor).items()))).hexdigest()
        return {**found, "actor": short(digest), "env_steps": str(counters.env_steps)}

    @property
    def steering(self) -> str:
        """The steering that the actor was trained with; "" for a base."""
        return "" if self.actor is None else actor_steering(self.actor, read_base_config(self.base)).text

    @property
    def noise(self) -> NoiseConfig:
        """The flow's noise: that of the run's training, also for its base."""
        return actor_noise(self.run.actor)

    def policy(self, options: RunOptions) -> ResidualPolicy:
        """Load the policy, deterministic in z and u, with its own noise of the flow.

        Raises ValueError if it does not fit the task of `options`.
        """
        base, problem = load_base(self.base), options.problem
        specs = (base.config.observation, base.config.action), (problem.observation, problem.action)
        check_agreement(*specs, self.name, f"task {problem.name}", "compare policies of one task and observation")
        return saved_policy(base, self.actor, replace(options.finetune, flow_noise=self.noise), options.seed)


def contestants(names: tuple[str, ...], runs: Path, base: Path | None) -> tuple[Contestant, Contestant]:
    """Find the policies A and B: of one run its base and its finetuned policy, otherwise those that are named.

    `base`: that of runs of `zprl up`, which have none of their own. Raises RunError and OriginError.
    """
    if len(names) == 1 and names[0].endswith(BASE):
        raise RunError(f"name the policy that {names[0]} is compared with, or the run alone: {names[0][: -len(BASE)]}")
    named = (names[0] + BASE, names[0]) if len(names) == 1 else names
    a, b = (_contestant(name, runs, base) for name in named)
    if a.actor == b.actor and a.base == b.base:
        raise RunError(f"{a.name} and {b.name} are the same policy; name another one")
    tasks = [read_metadata(each.base).get("task", "") for each in (a, b)]
    if all(tasks) and tasks[0] != tasks[1]:
        raise RunError(f"{a.name} is of task {tasks[0]}, {b.name} of {tasks[1]}; compare policies of one task")
    return a, b


def _contestant(name: str, runs: Path, base: Path | None) -> Contestant:
    run = find_run(name.removesuffix(BASE), runs, has="config.json" if base is None else ".")
    found = run.base if run.base.exists() or base is None else base
    if name.endswith(BASE):
        return Contestant(run.path.name + BASE, run, found, None)
    if not run.actor.exists():
        raise RunError(
            f"{run.path} has no finetuned policy; finetune it (zprl finetune), or compare its base: {name}{BASE}"
        )
    check_actor_origin(run.actor, read_origin(found))
    return Contestant(run.path.name, run, found, run.actor)
