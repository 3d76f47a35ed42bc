"""Configuration as dotted names, and back."""

from array import array
from dataclasses import dataclass

import pytest

from zprl.rl.config import FinetuneConfig
from zprl.rl.presets import CPU, FAST, PAPER_V1
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types


@pytest.mark.parametrize("config", [CPU, FAST, PAPER_V1])
def test_a_preset_comes_back_the_same(config: FinetuneConfig) -> None:
    assert unflatten(FinetuneConfig, flatten(config)) == config


def test_names_are_dotted_and_enums_are_words() -> None:
    flat = flatten(CPU)
    assert flat["learner.sac.critics"] == 2 and flat["steering.steer"] == "latent"


def test_a_wrong_choice_lists_the_right_ones() -> None:
    with pytest.raises(ValueError, match=r"steering.steer is 'sideways'; choose one of latent, action, noise$"):
        unflatten(FinetuneConfig, flatten(CPU) | {"steering.steer": "sideways"})


@dataclass(frozen=True)
class Row:
    box: tuple[float, float] = (0.0, 1.0)
    names: tuple[str, ...] = ()


def test_tuples_come_back_from_the_arrays_of_ros() -> None:
    check_types(Row, {"box": array("d", [0.0, 2.0]), "names": ["a"]})
    assert unflatten(Row, {"box": array("d", [0.0, 2.0]), "names": ["a"]}) == Row((0.0, 2.0), ("a",))
    for wrong in ([0.0], [0.0, float("nan")], [0.0, "1"], "01", 3.0):
        with pytest.raises(ValueError, match="box"):
            check_types(Row, {"box": wrong, "names": []})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"learner.utd": "5"}, "learner.utd is '5'; it must be a number: write 5 without quotes"),
        ({"learner.warmup": 2.5}, "learner.warmup is 2.5; it must be a whole number"),
        ({"learner.utd": float("nan")}, "learner.utd is nan; it must be a finite number"),
    ],
)
def test_a_wrong_type_is_named(changed: dict[str, object], why: str) -> None:
    check_types(FinetuneConfig, flatten(CPU))
    with pytest.raises(ValueError, match=why):
        check_types(FinetuneConfig, flatten(CPU) | changed)
    with pytest.raises(ValueError, match="is missing"):
        check_types(FinetuneConfig, {})
