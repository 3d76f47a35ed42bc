"""The Python blocks in docs/how-to/python.md run as they stand; README shows the two commands."""

import re
from pathlib import Path

import pytest
import torch

from source_files import ROOT
from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.presets import CPU
from zprl.training.finetune import make_learner
from zprl_core.observation_spec import arm_observation

PAGE = ROOT / "docs" / "how-to" / "python.md"
README = ROOT / "README.md"


def test_a_policy_without_ros_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(arm_observation(("cube",))))
    run = tmp_path / "runs" / "lift-seed0"
    save_base(run / "base", base)
    save_learner(run / "actor" / "000001", make_learner(base, CPU, seed=0), actor_version=1)
    monkeypatch.chdir(tmp_path)
    exec(blocks[0], {})
    assert len(capsys.readouterr().out.strip().strip("[]").split()) == 5


def test_recordings_become_demonstrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 2
    monkeypatch.chdir(tmp_path)
    exec(blocks[1], {})
    assert list(tmp_path.rglob("*"))


def test_readme_shows_the_two_commands() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = re.findall(r"^    make (\w+)", README.read_text(), re.MULTILINE)
    assert shown == ["finetune", "test"] and set(shown) <= targets
