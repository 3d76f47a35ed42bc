"""The README's Python block runs as it stands, in a folder with a run."""

import re
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.checkpoints.learner_checkpoint import save_learner
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.presets import CPU
from zprl.training.finetune import make_learner

README = Path(__file__).parents[1] / "README.md"


def test_a_policy_without_ros_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    torch.manual_seed(0)
    base = BasePolicy(BaseConfig(("cube",)))
    run = tmp_path / "runs" / "lift-seed0"
    save_base(run / "base", base)
    save_learner(run / "actor" / "000001", make_learner(base, CPU, seed=0), actor_version=1)
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    assert len(capsys.readouterr().out.strip().strip("[]").split()) == 5


def test_the_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README.read_text()) if not link.startswith("http")]
    missing = [link for link in links if not (README.parent / link).exists()]
    assert links and not missing
