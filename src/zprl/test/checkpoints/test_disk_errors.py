"""Only a full disk is called full."""

from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import write_folder
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_core.errors import CheckpointError


def test_a_folder_that_is_not_there_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"No such file or directory.*; check what is at that path"):
        RunFolder(tmp_path / "none").write("config", {})
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="check what is at that path"):
        write_folder(tmp_path / "file" / "actor", {"x": {"a": torch.ones(1)}}, {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is(tmp_path: Path) -> None:
    (tmp_path / "config.new").symlink_to("/dev/full")
    with pytest.raises(RunError, match=r"No space left.*; free some disk space"):
        RunFolder(tmp_path).write("config", {})
