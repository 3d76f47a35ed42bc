"""A learner on disk: networks, optimisers, temperature, counters, generators and replay."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zprl.actor import Actor, ActorShape
from zprl.checkpoint import CheckpointError, fit, read_tensors, read_words, write_folder
from zprl.generator import freeze
from zprl.learner import Learner


def save_learner(folder: Path, learner: Learner, number: int, **words: Any) -> None:
    """Write everything that the next update depends on. `number` is that of the published weights."""
    sac = learner.sac
    tensors = {
        "actor": sac.actor.state_dict(),
        "critics": sac.critics.state_dict(),
        "target": sac.target.state_dict(),
        "optimisers": _optimiser_tensors(learner) | {"log_alpha": sac.log_alpha, "rng": sac.rng.get_state()},
        "replay": {name: torch.from_numpy(x) for name, x in learner.replay.arrays().items()},
    }
    counters = {
        "updates": sac.updates,
        "env_steps": learner.env_steps,
        "number": number,
        "added": learner.replay.added,
    }
    size = {"embedding": learner.size.embedding, "steered": learner.size.steered, "scale": learner.size.scale}
    hidden = learner.config.sac.hidden
    rng = learner.rng.bit_generator.state
    write_folder(folder, tensors, {"counters": counters, "size": size, "hidden": hidden, "numpy_rng": rng, **words})


def load_learner(folder: Path, learner: Learner) -> int:
    """Bring `learner` to the stored state; returns the number of its weights. Raises CheckpointError."""
    words, sac = read_words(folder), learner.sac
    fit(sac.actor, read_tensors(folder, "actor"), f"actor in {folder}")
    fit(sac.critics, read_tensors(folder, "critics"), f"critics in {folder}")
    fit(sac.target, read_tensors(folder, "target"), f"target critics in {folder}")
    state = read_tensors(folder, "optimisers")
    try:
        learner.replay.restore({name: x.numpy() for name, x in read_tensors(folder, "replay").items()})
        _restore_optimisers(learner, state)
        with torch.no_grad():
            sac.log_alpha.copy_(state["log_alpha"])
        sac.rng.set_state(state["rng"])
        learner.rng.bit_generator.state = words["numpy_rng"]
        counters = words["counters"]
        sac.updates, learner.env_steps = counters["updates"], counters["env_steps"]
        learner.replay.added = counters["added"]
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"learner in {folder} does not fit this run: {error}") from None
    return int(counters["number"])


def load_actor(folder: str | Path) -> tuple[Actor, float, dict[str, Any]]:
    """The actor of a checkpoint, frozen, its scale lambda, and the checkpoint's words."""
    folder = Path(folder)
    words = read_words(folder)
    if "size" not in words:
        raise CheckpointError(f"{folder} holds no actor; give the run's actor/ folder")
    size = words["size"]
    actor = Actor(ActorShape(size["embedding"], size["steered"], words["hidden"]))
    fit(actor, read_tensors(folder, "actor"), f"actor in {folder}")
    freeze(actor)
    return actor, float(size["scale"]), words


def check_fits(actor: Actor, embedding: int, steered: int) -> None:
    """Raises CheckpointError when `actor` was trained for another base, or to steer something else."""
    have, want = (actor.shape.embedding, actor.shape.steered), (embedding, steered)
    if have != want:
        raise CheckpointError(
            f"the actor was trained for embedding and steered size {have}, this base and steering need {want}; "
            "take base and actor from the same run"
        )


def _optimisers(learner: Learner) -> dict[str, torch.optim.Optimizer]:
    sac = learner.sac
    return {"actor": sac.actor_opt, "critic": sac.critic_opt, "alpha": sac.alpha_opt}


def _optimiser_tensors(learner: Learner) -> dict[str, Tensor]:
    return {
        f"{name}.{index}.{key}": torch.as_tensor(value)
        for name, optimiser in _optimisers(learner).items()
        for index, slots in optimiser.state_dict()["state"].items()
        for key, value in slots.items()
    }


def _restore_optimisers(learner: Learner, tensors: dict[str, Tensor]) -> None:
    for name, optimiser in _optimisers(learner).items():
        state: dict[int, dict[str, Tensor]] = {}
        for path, value in tensors.items():
            if path.startswith(f"{name}."):
                _, index, key = path.split(".")
                state.setdefault(int(index), {})[key] = value
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
