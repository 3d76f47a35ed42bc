"""Configuration as dotted names, and back."""

import pytest

from zprl.flat import flatten, unflatten
from zprl.presets import CPU, FAST, PAPER_V1, FinetuneConfig


@pytest.mark.parametrize("config", [CPU, FAST, PAPER_V1])
def test_a_preset_comes_back_the_same(config: FinetuneConfig) -> None:
    assert unflatten(FinetuneConfig, flatten(config)) == config


def test_names_are_dotted_and_enums_are_words() -> None:
    flat = flatten(CPU)
    assert flat["learner.sac.critics"] == 2 and flat["steering.steer"] == "latent"


def test_a_wrong_choice_lists_the_right_ones() -> None:
    with pytest.raises(ValueError, match=r"steering.steer is 'sideways'; choose one of latent, action, noise, nothing"):
        unflatten(FinetuneConfig, flatten(CPU) | {"steering.steer": "sideways"})
