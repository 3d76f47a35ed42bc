"""A learner on disk: networks, optimisers, temperature, counters and generators. Its replay is the record."""

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from zprl.actor import Actor, ActorShape
from zprl.checkpoint import CheckpointError, fit, read_tensors, read_words, write_folder
from zprl.checkpoints import checkpoints, load_newest
from zprl.generator import freeze
from zprl.learner import Learner

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counters:
    """How far the learner of a checkpoint had come."""

    updates: int = 0
    env_steps: int = 0
    number: int = 0  # of its newest weights
    added: int = 0  # transitions


def save_learner(folder: Path, learner: Learner, number: int) -> None:
    """Write everything that the next update depends on, but for the replay: that is the record's.

    `number` is that of the newest weights. Raises CheckpointError when the disk refuses.
    """
    sac = learner.sac
    tensors = {
        "actor": sac.actor.state_dict(),
        "critics": sac.critics.state_dict(),
        "target": sac.target.state_dict(),
        "optimisers": _optimiser_tensors(learner) | {"log_alpha": sac.log_alpha, "rng": sac.rng.get_state()},
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
    write_folder(folder, tensors, {"counters": counters, "size": size, "hidden": hidden, "numpy_rng": rng})


def load_learner(folder: Path, learner: Learner) -> Counters:
    """Bring networks, optimisers, temperature and generators to the stored state. The replay stays as it is.

    Raises CheckpointError; a checkpoint that is damaged has changed nothing then.
    """
    words, sac = read_words(folder), learner.sac
    tensors = {name: read_tensors(folder, name) for name in ("actor", "critics", "target", "optimisers")}
    try:
        counters = _counters(folder)
        for name, module in (("actor", sac.actor), ("critics", sac.critics), ("target", sac.target)):
            fit(module, tensors[name], f"{name} in {folder}")
        state = tensors["optimisers"]
        _restore_optimisers(learner, state)
        with torch.no_grad():
            sac.log_alpha.copy_(state["log_alpha"])
        sac.rng.set_state(state["rng"])
        learner.rng.bit_generator.state = words["numpy_rng"]
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"learner in {folder} does not fit this run: {error}") from None
    sac.updates = counters.updates
    return counters


def counters_of(folder: Path) -> Counters:
    """How far the newest checkpoint in `folder` had come; zeros when there is none."""
    return load_newest(folder, _counters, LOG.warning) or Counters()


def load_actor(folder: str | Path) -> tuple[Actor, float, Counters]:
    """The actor of a checkpoint (or of the newest one in `folder`), frozen, its scale lambda, and its counters."""
    folder = Path(folder)
    if not checkpoints(folder):
        return _load_actor(folder)
    found = load_newest(folder, _load_actor, LOG.warning)
    if found is None:
        raise CheckpointError(f"no checkpoint in {folder} can be read; see the warnings")
    return found


def _load_actor(folder: Path) -> tuple[Actor, float, Counters]:
    words = read_words(folder)
    try:
        size, scale = words["size"], float(words["size"]["scale"])
        actor = Actor(ActorShape(int(size["embedding"]), int(size["steered"]), int(words["hidden"])))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{folder} holds no actor that can be read ({error!r}); give the run's actor/ folder"
        ) from None
    fit(actor, read_tensors(folder, "actor"), f"actor in {folder}")
    freeze(actor)
    return actor, scale, _counters(folder)


def _counters(folder: Path) -> Counters:
    try:
        return Counters(**{key: int(value) for key, value in read_words(folder)["counters"].items()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{folder}/checkpoint.json has no counters that can be read ({error!r})") from None


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
