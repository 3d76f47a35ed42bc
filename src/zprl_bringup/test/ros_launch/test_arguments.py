"""Launch arguments are made from the fields of RunOptions, and read back."""

from pathlib import Path
from typing import Any

import pytest

from launch_cases import with_defaults
from zprl.rl.config import Steer
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.preset import Preset
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.spec import GraphError
from zprl_bringup.ros_launch.arguments import (
    EVALUATE_ARGUMENTS,
    FINETUNE_ARGUMENTS,
    SIM_ARGUMENTS,
    LaunchArgument,
    settings_from,
)
from zprl_core.config.metadata import offered_by

ARGUMENTS = {
    Command.SIM: SIM_ARGUMENTS,
    Command.EVALUATE: EVALUATE_ARGUMENTS,
    Command.FINETUNE: FINETUNE_ARGUMENTS,
}
OWN = {"mode", "resume", "run_folder"}  # not of every graph


@pytest.mark.parametrize("command", ARGUMENTS, ids=lambda command: command.name)
def test_a_launch_file_has_the_options_that_are_marked_with_it(command: Command) -> None:
    names = [argument.name for argument in ARGUMENTS[command] if argument.name not in OWN]
    assert names == list(offered_by(RunOptions, command))
    assert all(argument.description for argument in ARGUMENTS[command])


def test_defaults_stand_for_the_default_options(tmp_path: Path) -> None:
    assert settings_from(with_defaults(FINETUNE_ARGUMENTS, {})).options == RunOptions()
    assert settings_from(with_defaults(EVALUATE_ARGUMENTS, {})).options == RunOptions()
    assert settings_from(with_defaults(SIM_ARGUMENTS, {})).options == RunOptions(lockstep=False)


def test_arguments_stand_for_options() -> None:
    given = {
        "base": "runs/x/base", "seed": "3", "robots": "2", "preset": "fast", "steer": "noise", "lockstep": "false",
        "cameras": "front, wrist", "time_limit_s": "12.5", "max_update_debt": "0",
    }  # fmt: skip
    assert settings_from(with_defaults(FINETUNE_ARGUMENTS, given)).options == RunOptions(
        base=Path("runs/x/base"), seed=3, robots=2, preset=Preset.FAST, steer=Steer.NOISE, lockstep=False,
        cameras=("front", "wrist"), time_limit_s=12.5, max_update_debt=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"seed": "one"}, r"seed:='one' is not a whole number within \[0, 2147483647\]"),
        ({"seed": "1.0"}, "seed:='1.0' is not a whole number"),
        ({"robots": "0"}, r"robots:='0' is not a whole number within \[1, 1000\]"),
        ({"max_episodes": "many"}, "max_episodes:='many' is not a whole number$"),
        ({"max_episodes": "-1"}, "must be at least 0"),
        ({"time_limit_s": "nan"}, r"time_limit_s:='nan' is not a number within \[0, 1000000000\]"),
        ({"lockstep": "maybe"}, "lockstep:='maybe' is unknown; choose one of true, false"),
        ({"preset": "slow"}, "preset:='slow' is unknown; choose one of cpu, efficient, fast, paper_v1"),
        ({"task": "juggle"}, "known tasks are .*lift"),
        ({"robot": "robby"}, "robby"),
    ],
    ids=str,
)
def test_an_error_names_the_argument(given: dict[str, Any], error: str) -> None:
    with pytest.raises(GraphError, match=error):
        settings_from(with_defaults(FINETUNE_ARGUMENTS, given))


def test_choices_are_those_of_the_type_or_of_the_packages() -> None:
    choices = {argument.name: argument.choices for argument in FINETUNE_ARGUMENTS}
    assert choices["lockstep"] == ("true", "false") and choices["latency"] == ("ideal", "real", "impedance")
    assert "lift" in choices["task"] and "franky" in choices["robot"] and choices["hostname"] == ()


def test_what_differs_for_a_launch_file_is_said_there() -> None:
    arguments: dict[str, LaunchArgument] = {argument.name: argument for argument in EVALUATE_ARGUMENTS}
    assert arguments["actor"].description == "checkpoint folder of the finetuned actor; required in mode evaluate"
    assert arguments["mode"].choices == ("evaluate", "base")
