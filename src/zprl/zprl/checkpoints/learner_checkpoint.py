"""Saves and loads a learner: networks, optimizers, temperature, counters, generators. Its replay is the record."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zprl.checkpoints.checkpoint import check_fit, made_to_fit, read_tensors, write_folder
from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.origin import Origin
from zprl.checkpoints.rotation import checkpoints, load_newest
from zprl.checkpoints.saved_origin import ORIGIN
from zprl.models.actor import Actor, ActorShape
from zprl.rl.adam import Adam
from zprl.rl.learner import Learner
from zprl_core.errors import CheckpointError, quoted
from zprl_core.id_bounds import HIGHEST

LOG = logging.getLogger(__name__)
FIELDS = {"number": "actor_version"}  # keys of the counters that differ from their fields
Slots = dict[str, Tensor]
SLOTS = {"step", "exp_avg", "exp_avg_sq"}  # Adam's state of each parameter


@dataclass(frozen=True)
class Counters:
    """Progress of the learner of a checkpoint."""

    updates: int = 0
    env_steps: int = 0
    actor_version: int = 0  # of its newest weights
    added: int = 0  # transitions


def save_learner(folder: Path, learner: Learner, actor_version: int, origin: Origin | None = None) -> None:
    """Write everything that the next update depends on, except the replay, which is in the record.

    `actor_version` is that of the newest weights, `origin` names the base and the steering. Raises CheckpointError on a
    disk error.
    """
    sac = learner.sac
    tensors = {
        "actor": sac.actor.state_dict(),
        "critics": sac.critics.state_dict(),
        "target": sac.target.state_dict(),
        "optimisers": _optimizer_tensors(learner) | {"log_alpha": sac.log_alpha, "rng": sac.rng.get_state()},
    }
    counters = {
        "updates": sac.updates,
        "env_steps": learner.env_steps,
        "number": actor_version,
        "added": learner.replay.added,
    }
    size = {"embedding": learner.size.embedding_dim, "steered": learner.size.residual_dim, "scale": learner.size.scale}
    hidden = learner.config.sac.hidden
    rng = learner.rng.bit_generator.state
    metadata = {"counters": counters, "size": size, "hidden": hidden, "numpy_rng": rng}
    if origin is not None:
        metadata[ORIGIN] = origin.to_json()
    write_folder(folder, tensors, metadata)


def load_learner(folder: Path, learner: Learner) -> Counters:
    """Load networks, optimizers, temperature and generators. The replay is unchanged.

    Raises CheckpointError for a damaged checkpoint; nothing has changed then.
    """
    metadata, sac = read_metadata(folder), learner.sac
    tensors = {name: read_tensors(folder, name) for name in ("actor", "critics", "target", "optimisers")}
    counters, modules = _counters(folder), {"actor": sac.actor, "critics": sac.critics, "target": sac.target}
    for name, module in modules.items():
        check_fit(module, tensors[name], f"{name} in {folder}")
    state = tensors["optimisers"]
    try:
        slots = _slots(learner, state)
        _check_generators(state["rng"], metadata["numpy_rng"])
    except (LookupError, ValueError, TypeError, RuntimeError, OverflowError, AttributeError) as error:
        raise CheckpointError(
            f"learner in {folder} does not fit this run ({quoted(error)}); restore it or train again"
        ) from None
    for name, module in modules.items():
        module.load_state_dict(tensors[name])
    for name, optimizer in _optimizers(learner).items():
        _load_moments(optimizer, slots[name])
    sac.log_alpha.copy_(state["log_alpha"])
    sac.rng.set_state(state["rng"])
    learner.rng.bit_generator.state = metadata["numpy_rng"]
    sac.updates = counters.updates
    return counters


def load_counters(folder: Path) -> Counters:
    """Progress of the newest checkpoint in `folder`; zeros without one."""
    return load_newest(folder, _counters, LOG.warning) or Counters()


def load_actor(folder: str | Path) -> tuple[Actor, float, Counters]:
    """Load the frozen actor of a checkpoint (or the newest in `folder`), its scale lambda and its counters."""
    folder = Path(folder)
    if not checkpoints(folder):
        return _load_actor(folder)
    found = load_newest(folder, _load_actor, LOG.warning)
    if found is None:
        raise CheckpointError(f"no checkpoint in {folder} is readable; see the warnings")
    return found


def _load_actor(folder: Path) -> tuple[Actor, float, Counters]:
    metadata = read_metadata(folder)
    try:
        scale = float(metadata["size"]["scale"])
        shape = ActorShape(*map(int, (metadata["size"]["embedding"], metadata["size"]["steered"], metadata["hidden"])))
        if not (0.0 < scale < float("inf") and min(vars(shape).values()) >= 1):
            raise ValueError(f"scale {scale} and sizes {shape} must be positive")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(
            f"{folder} holds no actor that can be read ({quoted(repr(error))}); give the run's actor/ folder"
        ) from None
    actor = made_to_fit(lambda: Actor(shape), read_tensors(folder, "actor"), f"actor in {folder}")
    assert isinstance(actor, Actor)
    return actor, scale, _counters(folder)


def _counters(folder: Path) -> Counters:
    try:
        counters = Counters(
            **{FIELDS.get(key, key): int(value) for key, value in read_metadata(folder)["counters"].items()}
        )
        if not all(0 <= count <= HIGHEST for count in vars(counters).values()):
            raise ValueError(f"impossible counters {counters}")
        return counters
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CheckpointError(
            f"{folder}/checkpoint.json has no counters that can be read ({quoted(repr(error))}); restore it"
        ) from None


def check_fits(actor: Actor, embedding_dim: int, residual_dim: int) -> None:
    """Check that the actor fits base and steering. Raises CheckpointError."""
    have, want = (actor.shape.embedding_dim, actor.shape.residual_dim), (embedding_dim, residual_dim)
    if have != want:
        raise CheckpointError(
            f"the actor was trained for an embedding of {have[0]} and a residual of {have[1]} numbers, this base and "
            f"steering have {want[0]} and {want[1]}; "
            + (
                "use the base that the actor was trained with"
                if have[0] != want[0]
                else "they fit in the embedding, so the steering is another: set steering.steer to that of the actor"
            )
        )


def _optimizers(learner: Learner) -> dict[str, Adam]:
    sac = learner.sac
    return {"actor": sac.actor_opt, "critic": sac.critic_opt, "alpha": sac.alpha_opt}


def _optimizer_tensors(learner: Learner) -> dict[str, Tensor]:
    return {
        f"{name}.{index}.{key}": value
        for name, optimizer in _optimizers(learner).items()
        for index, slots in enumerate(_moments(optimizer))
        for key, value in slots.items()
    }


def _moments(optimizer: Adam) -> list[Slots]:
    """The optimizer's state of each parameter; empty before its first step."""
    if not optimizer.steps:
        return []
    step = torch.tensor(float(optimizer.steps))
    both = zip(optimizer.exp_avg, optimizer.exp_avg_sq, strict=True)
    return [{"step": step.clone(), "exp_avg": m, "exp_avg_sq": v} for m, v in both]


def _load_moments(optimizer: Adam, slots: Mapping[int, Slots]) -> None:
    """Set the optimizer's state; without slots to that before its first step."""
    optimizer.steps = int(slots[0]["step"]) if slots else 0
    for index, (m, v) in enumerate(zip(optimizer.exp_avg, optimizer.exp_avg_sq, strict=True)):
        slot = slots.get(index, {"exp_avg": torch.zeros_like(m), "exp_avg_sq": torch.zeros_like(v)})
        m.copy_(slot["exp_avg"])
        v.copy_(slot["exp_avg_sq"])


def _slots(learner: Learner, tensors: Mapping[str, Tensor]) -> dict[str, dict[int, Slots]]:
    """Check and convert the optimizers' states. Raises ValueError if they do not fit."""
    optimizers = _optimizers(learner)
    slots: dict[str, dict[int, Slots]] = {name: {} for name in optimizers}
    alpha = learner.sac.log_alpha
    if tensors["log_alpha"].shape != alpha.shape or not torch.isfinite(tensors["log_alpha"]):
        raise ValueError("its temperature is not a number")
    for path, value in tensors.items():
        if path not in ("log_alpha", "rng"):
            name, index, key = path.split(".")
            slots[name].setdefault(int(index), {})[key] = value
    for name, optimizer in optimizers.items():
        parameters = optimizer.parameters
        if slots[name] and sorted(slots[name]) != list(range(len(parameters))):
            raise ValueError(f"the {name} optimizer has other parameters")
        for number, slot in slots[name].items():
            shapes = {key: torch.Size() if key == "step" else parameters[number].shape for key in SLOTS}
            if {key: x.shape for key, x in slot.items()} != shapes or number < 0:
                raise ValueError(f"the {name} optimizer has other parameters")
            if not all(x.dtype == torch.float32 and torch.isfinite(x).all() for x in slot.values()):
                raise ValueError(f"the {name} optimizer holds numbers that are not finite")
    return slots


def _check_generators(rng: Tensor, numpy_rng: Any) -> None:
    """Check the states of random generators. Raises various errors if they are invalid."""
    torch.Generator().set_state(rng)
    np.random.default_rng().bit_generator.state = numpy_rng
