"""Checks that a base has the demonstrations that a learner is to replay, before anything starts."""

from pathlib import Path

from zprl.checkpoints.metadata import DEMOS
from zprl_bringup.graph.spec import GraphError


def check_demonstrations(share: float, base: Path | None) -> None:
    """Raises GraphError for a base that was made without its demonstrations. One that is still to be made has them."""
    if share == 0 or base is None or not (base / "checkpoint.json").exists():
        return
    if not (base / f"{DEMOS}.safetensors").exists():
        raise GraphError(
            f"the learner is to replay demonstrations ({share:g} of each batch), and {base} has none with it: an "
            "earlier version made it; make it again with zprl pretrain, or set the share to 0"
        )
