"""Each flag of each command has a text."""

import pytest

from zprl_cli.compare import Compare
from zprl_cli.doctor.doctor import Doctor
from zprl_cli.main import Demos, Evaluate, Export, Finetune, Pretrain
from zprl_cli.up import Up
from zprl_core.config.metadata import describe


@pytest.mark.parametrize("command", [Demos, Pretrain, Finetune, Evaluate, Export, Compare, Up, Doctor])
def test_each_flag_has_a_text(command: type) -> None:
    assert [name for name, found in describe(command).items() if not found.text] == []
