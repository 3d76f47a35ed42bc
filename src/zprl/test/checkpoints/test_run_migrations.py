"""Each step brings the config of a run one format further."""

import pytest

from zprl.checkpoints.run_migrations import FORMAT, LaterFormatError, format_of, migrated

OLD_BASE = {"base.objects": ["cube"], "base.latent": 8, "base.horizon": 16, "base.execute": 4}


def config(number: int) -> dict[str, object]:
    """The keys by which a format is recognized."""
    settings: dict[str, object] = {"task": "lift"}
    numbers: dict[str, object] = dict(OLD_BASE)
    if number == 2:
        settings["pace"] = "real"
    if number >= 3:
        settings["latency"] = "real"
        numbers = {"base.objects": ["cube"], "base.latent_dim": 8, "base.horizon": 16, "base.n_action_steps": 4}
    if number >= 4:
        numbers = {"base.latent_dim": 8}
    if number >= 5:
        settings |= {"env": None, "expert": None, "time_limit": None}
    if number >= 6:
        settings |= {"noise": "zero", "noise_seed": 0}
    if number >= 7:
        settings |= {"obs": "images", "lossless_video": True}
    if number >= 8:
        settings |= {"vision": "resnet18", "backbone": None, "head": "unet"}
    if number >= 10:
        settings |= {"demo_share": 0.25}
    if number >= 11:
        settings |= {"until": None, "compiled": True}
    if number >= 12:
        settings |= {"noise": None}
    return {"run": "x", "settings": settings, "numbers": numbers} | ({"format": number} if number >= 6 else {})


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_format_is_recognized_and_brought_to_todays(number: int) -> None:
    found = migrated(config(number))
    assert found.format == format_of(config(number)) == number
    assert format_of(found.config) == found.config["format"] == FORMAT
    settings = found.config["settings"]
    assert settings["latency"] == ("ideal" if number == 1 else "real") and settings["env"] is None
    assert settings["noise"] == (None if number >= 12 else "zero" if number >= 6 else "sampled")
    assert settings["obs"] == ("images" if number >= 7 else "state")
    assert (settings["vision"], settings["head"]) == (("resnet18", "unet") if number >= 8 else ("small", "mlp"))
    assert settings["demo_share"] == (0.25 if number >= 10 else 0.0)
    assert (settings["until"], settings["compiled"]) == ((None, True) if number >= 11 else (0.0, False))
    assert "pace" not in settings and "base.objects" not in found.config["numbers"]
    assert found.config["numbers"]["base.latent_dim"] == 8


def test_what_is_filled_in_is_named() -> None:
    noise, obs = ("noise = sampled", "noise_seed = 0"), ("obs = state", "lossless_video = False")
    networks = ("vision = small", "head = mlp")
    until = ("until = 0.0", "compiled = False")
    share = ("demo_share = 0.0", *until)
    assert migrated(config(1)).filled == ("latency = ideal", *noise, *obs, *networks, *share)
    assert migrated(config(2)).filled == migrated(config(5)).filled == (*noise, *obs, *networks, *share)
    assert migrated(config(6)).filled == (*obs, *networks, *share)
    assert migrated(config(7)).filled == (*networks, *share)
    assert migrated(config(8)).filled == migrated(config(9)).filled == share
    assert migrated(config(10)).filled == until and migrated(config(11)).filled == migrated(config(12)).filled == ()


def test_a_run_with_numbers_of_finetuning_had_no_random_crops() -> None:
    before = config(8)
    before["numbers"] = {"finetune.exploration.reach": 1.0}
    found = migrated(before)
    assert found.filled == ("random_crops = False", "demo_share = 0.0", "until = 0.0", "compiled = False")
    assert found.config["numbers"] == {"finetune.exploration.reach": 1.0, "finetune.exploration.random_crops": False}


def test_the_format_of_a_later_version_is_refused() -> None:
    with pytest.raises(LaterFormatError, match=r"has format 13, this version reads 1 to 12; install a later version"):
        format_of({**config(6), "format": 13})


@pytest.mark.parametrize("given", [0, -1, "7", 7.0, True], ids=repr)
def test_a_format_that_is_no_format_is_damage(given: object) -> None:
    with pytest.raises(ValueError, match="it must be a whole number of at least 1"):
        format_of({**config(6), "format": given})


@pytest.mark.parametrize("content", [{}, {"settings": 3}, {"numbers": []}], ids=str)
def test_a_config_without_its_parts_stays_without(content: dict[str, object]) -> None:
    assert migrated(content).config == {**content, "format": FORMAT}


def test_a_run_with_numbers_of_the_learner_had_no_demonstrations_in_its_batches() -> None:
    before = config(9)
    before["numbers"] = {"finetune.learner.utd": 2.0}
    assert migrated(before).config["numbers"]["finetune.learner.demo_share"] == 0.0


def test_a_run_with_numbers_of_the_learner_had_the_noise_of_its_settings() -> None:
    before = config(11)
    before["numbers"] = {"finetune.learner.utd": 2.0}
    found = migrated(before)
    noise = {"finetune.flow_noise.kind": "zero", "finetune.flow_noise.seed": 0}
    assert found.config["numbers"] == {"finetune.learner.utd": 2.0, **noise} and found.filled == ("flow_noise = zero",)
