"""Conditions under which a policy of a run was evaluated, and whether a result is still that of the run."""

from collections.abc import Mapping
from typing import Any

from zprl.checkpoints.actor_noise import actor_noise
from zprl.checkpoints.fingerprint import read_fingerprint, short
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import FlowNoise, Steer
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.seeds import HELD_OUT

SAMPLED = {"noise": FlowNoise.SAMPLED.value, "noise_seed": 0}  # conditions of results of earlier versions


def conditions(name: str, options: RunOptions, env_steps: int) -> dict[str, Any]:
    """Return the conditions of an evaluation of policy `name`, as JSON."""
    noise = options.finetune.flow_noise
    found: dict[str, Any] = {"noise": noise.kind.value, "noise_seed": noise.seed}
    return found if name == "base" else {**found, "env_steps": env_steps}


def is_current(found: Mapping[str, Any], name: str, options: RunOptions, env_steps: int) -> bool:
    """Return True if a result was measured as `options` ask for, with the actor as it is now."""
    if name == "base" and not played_base(found, options.steer.value):
        return False
    now = {"episodes": options.eval_episodes, "first_seed": HELD_OUT, **conditions(name, options, env_steps)}
    before = {**SAMPLED, "env_steps": env_steps, **found}
    return all(before.get(key) == value for key, value in now.items())


def played_base(found: Mapping[str, Any], steer: str) -> bool:
    """Return False for a base result of an earlier version with steer noise, which played zero noise as the base."""
    return steer != Steer.NOISE.value or "noise" in found


def is_own(found: Mapping[str, Any], folder: RunFolder) -> bool:
    """Return True if a result was measured as the run's own report says: its episodes, held-out resets and noise."""
    settings = (folder.read("config") or {}).get("settings", {})
    episodes, noise = RunOptions.eval_episodes, RunOptions().finetune.flow_noise
    if "eval_episodes" in settings:  # a base of recorded demonstrations has none
        episodes, noise = settings["eval_episodes"], actor_noise(folder.actor)
    wanted = (episodes, HELD_OUT, noise.kind.value, noise.seed)
    return wanted == tuple(found[key] for key in ("episodes", "first_seed", "noise", "noise_seed"))


def made_with(task: str, folder: RunFolder) -> dict[str, str]:
    """Return the task and the fingerprint of the base of a result, as JSON."""
    return {"task": task, "base": read_fingerprint(folder.base)}


def check_base(found: Mapping[str, Any], name: str, folder: RunFolder) -> None:
    """Raises RunError when a stored result is that of another base; results of earlier versions do not say."""
    then, now = found.get("made_with", {}).get("base", ""), read_fingerprint(folder.base)
    if then and then != now:
        raise RunError(
            f"{folder.path}/evaluation_{name}.json is the result of base {short(then)}, the run's base is "
            f"{short(now)}; restore that base, or delete the file, and the base is evaluated again"
        )
