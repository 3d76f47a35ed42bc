"""Checks that a run folder, or an actor, belongs to the base, task and settings of a graph, before it starts."""

from pathlib import Path

from zprl.checkpoints.origin import Origin, read_origin
from zprl.checkpoints.run_folder import RunFolder
from zprl.checkpoints.saved_origin import check_actor_origin, check_run_origin
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.errors import CheckpointError


def check_run(settings: GraphSettings) -> None:
    """Check what is in the run folder. Raises OriginError with a table of the differences."""
    now = _origin(settings)
    if now is not None:
        check_run_origin(RunFolder(settings.run_folder), now)


def check_actor(settings: GraphSettings) -> None:
    """Check that the actor, and one that it is compared with, belong to this base. Raises OriginError with both."""
    base, actors = settings.options.base, [settings.options.actor]
    if settings.blind.actor:
        actors.append(Path(settings.blind.actor))
    now = None if base is None or settings.options.actor is None else _read(base)
    for actor in actors:
        if now is not None and actor is not None:
            check_actor_origin(actor.expanduser(), now)


def _origin(settings: GraphSettings) -> Origin | None:
    base = settings.options.base
    return None if base is None else _read(base, settings)


def _read(base: Path, settings: GraphSettings | None = None) -> Origin | None:
    """Read the origin; None for a base that the policy node will refuse."""
    try:
        if settings is None:
            return read_origin(base.expanduser())
        learned = settings.task, settings.preset, settings.config.steering, settings.flow_noise
        return read_origin(base.expanduser(), *learned)
    except CheckpointError:
        return None
