"""Checks that a base has the demonstrations that a learner is to replay, before anything starts."""

from pathlib import Path

from zprl.checkpoints.metadata import has_demos
from zprl_bringup.graph.spec import GraphError
from zprl_core.errors import CheckpointError


def check_demonstrations(share: float, base: Path | None) -> None:
    """Raises GraphError for a base that was made without its demonstrations. One that is still to be made has them."""
    if share == 0 or base is None or _has_demos(base):
        return
    raise GraphError(
        f"the learner is to replay demonstrations ({share:g} of each batch), and {base} has none with it: an earlier "
        "version made it (its zprl pretrain command adds them), or not all are successes; otherwise set the share to 0"
    )


def _has_demos(base: Path) -> bool:
    """Return true also for a base that is missing or damaged, as the policy node says so."""
    try:
        return has_demos(base)
    except CheckpointError:
        return True
