"""The specs that demonstrations of another recorder get: those of a task, or of a base."""

from functools import lru_cache
from pathlib import Path

from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.specs import specs_of
from zprl_core.action_spec import ActionSpec
from zprl_core.obs import Obs
from zprl_core.observation_spec import ObservationSpec


@lru_cache(maxsize=1)
def specs_like(like: str, obs: Obs) -> tuple[ObservationSpec, ActionSpec]:
    """Returns the specs of the base in the folder `like`, or of the task of this name that observes `obs`.

    Raises ValueError for an unknown task.
    """
    base = Path(like)
    if (base / "checkpoint.json").exists():
        return specs_of(RunOptions(base=base))
    return specs_of(RunOptions(task=like, obs=obs))
