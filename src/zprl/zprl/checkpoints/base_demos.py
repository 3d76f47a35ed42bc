"""The demonstrations in a base's folder, as the base embeds them."""

import json
from pathlib import Path

from safetensors.torch import save

from zprl.checkpoints.checkpoint import read_tensors, write_synced
from zprl.checkpoints.metadata import DEMOS, has_demos, read_metadata
from zprl.rl.demo_replay import EmbeddedDemos
from zprl_core.errors import CheckpointError, quoted, remedy
from zprl_core.files import checksum_of, sync_folder


def load_demos(folder: str | Path) -> EmbeddedDemos:
    """Read the demonstrations of a base that `save_base` wrote. Raises CheckpointError, also when it has none."""
    folder = Path(folder)
    if not has_demos(folder):
        raise CheckpointError(
            f"{folder} has no {DEMOS}.safetensors, its demonstrations as it embeds them; its zprl pretrain command "
            "adds them, if all are successes; otherwise set learner.demo_share to 0"
        )
    tensors = read_tensors(folder, DEMOS)
    try:
        return EmbeddedDemos(**tensors)
    except (TypeError, ValueError, IndexError) as error:
        raise CheckpointError(f"the demonstrations in {folder} are damaged ({quoted(error)}); make it again") from None


def add_demos(folder: Path, demos: EmbeddedDemos) -> None:
    """Add the demonstrations to a base of an earlier version. Raises CheckpointError on a disk error."""
    data = save({name: x.contiguous() for name, x in vars(demos).items()})
    metadata = read_metadata(folder)
    metadata = {**metadata, "sha256": {**metadata.get("sha256", {}), DEMOS: checksum_of(data)}}
    files = {f"{DEMOS}.safetensors": data, "checkpoint.json": json.dumps(metadata, indent=2).encode()}
    try:
        for name, content in files.items():
            new = folder / f".{name}.new"
            write_synced(new, content)
            new.replace(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise CheckpointError(f"cannot write {folder}: {error}; {remedy(error)}") from None
