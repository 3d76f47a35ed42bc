"""Weights from the wire and from the shelf: wrong ones are refused, and a policy never drives with less than it had."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from zprl.checkpoints.checkpoint import pack_actor, unpack_actor
from zprl.models.actor import Actor, ActorShape
from zprl.models.base_policy import BasePolicy, freeze
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode, SteeringConfig
from zprl.rl.residual_policy import ResidualPolicy
from zprl.rl.steering import make_steering
from zprl_core.errors import CheckpointError
from zprl_core.files import checksum_of
from zprl_core.observation_spec import arm_observation
from zprl_policy.weight_manager import WeightCompatibility, WeightManager
from zprl_policy.weight_store import WeightStore, surplus

FITS = WeightCompatibility("run", "base", 14, 2)


def policy() -> ResidualPolicy:
    base = BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=4, n_action_steps=2, hidden=8))
    freeze(base)
    return ResidualPolicy(base, make_steering(base, SteeringConfig()), Mode.FINETUNE)


def weights(number: int, run: str = "run", base: str = "base", shape: tuple[int, int] = (14, 2)) -> bytes:
    torch.manual_seed(number)
    return pack_actor(Actor(ActorShape(*shape, 8)), {"run": run, "base": base, "number": str(number)})


def offer(box: WeightManager, number: int, run: str = "run", base: str = "base", checksum: str | None = None) -> None:
    data = weights(number, run, base)
    box.offer(data, run, number, base, checksum_of(data) if checksum is None else checksum)


def used(box: WeightManager, by: ResidualPolicy) -> int:
    box.deliver(by)
    return by.actor_version


def test_good_weights_are_used_between_two_chunks() -> None:
    box, flown = WeightManager(FITS), policy()
    offer(box, 7)
    flown._chunk, flown._played = object(), 0  # type: ignore[assignment]
    flown._chunk = type("ActionChunk", (), {"actions": [1, 2]})()
    assert used(box, flown) == 0
    flown._played = 2
    assert used(box, flown) == 7 and box.age_s >= 0.0


@pytest.mark.parametrize(
    ("wrong", "why"), [({"run": "other"}, "run"), ({"base": "other"}, "base"), ({"checksum": "0" * 64}, "checksum")]
)
def test_wrong_weights_are_refused_and_the_last_good_ones_stay(wrong: dict[str, str], why: str) -> None:
    box, flown = WeightManager(FITS), policy()
    offer(box, 7)
    offer(box, 8, **wrong)
    assert used(box, flown) == 7 and box.rejected == 1 and why in box.last_rejection


def test_older_weights_are_left() -> None:
    box, flown = WeightManager(FITS), policy()
    offer(box, 7)
    offer(box, 6)
    assert used(box, flown) == 7 and box.rejected == 0


def test_a_policy_that_comes_back_drives_with_the_last_good_weights(tmp_path: Path) -> None:
    box = WeightManager(FITS, WeightStore(tmp_path))
    for number in (3, 4, 5):
        offer(box, number)
    (tmp_path / "000000005.safetensors").write_bytes(b"half a file")
    WeightStore(tmp_path).keep(9, weights(9, base="another"))
    back = WeightManager(FITS, WeightStore(tmp_path))
    assert used(back, policy()) == 4 and back.newest == 9 and back.rejected == 2


def test_a_learner_that_lost_everything_does_not_take_good_weights_away(tmp_path: Path) -> None:
    """It begins at 0 again, until it has heard how far the robots are."""
    box = WeightManager(FITS, WeightStore(tmp_path))
    offer(box, 5)
    back = WeightManager(FITS, WeightStore(tmp_path))
    offer(back, 0)
    flown = policy()
    assert used(back, flown) == 5
    offer(back, 6)
    assert used(back, flown) == 6


def test_rolled_back_weights_stay_until_a_person_says_so(tmp_path: Path) -> None:
    box, flown = WeightManager(FITS, WeightStore(tmp_path)), policy()
    for number in (3, 4, 5):
        offer(box, number)
    box.roll_back(3)
    offer(box, 6)
    assert used(box, flown) == 3 and box.frozen and box.newest == 6
    back = WeightManager(FITS, WeightStore(tmp_path))  # also after the policy died
    assert used(back, flown) == 3 and back.frozen
    box.freeze(False)
    assert used(box, flown) == 6 and WeightStore(tmp_path).pinned is None


def test_what_is_not_kept_cannot_be_rolled_back_to(tmp_path: Path) -> None:
    box = WeightManager(FITS, WeightStore(tmp_path))
    offer(box, 3)
    with pytest.raises(ValueError, match="weights 2 are not stored here; stored are 3"):
        box.roll_back(2)
    assert not box.frozen
    with pytest.raises(ValueError, match="state_folder"):
        WeightManager(FITS).roll_back(3)


def test_frozen_weights_stay_and_the_newest_are_used_afterwards() -> None:
    box, flown = WeightManager(FITS), policy()
    offer(box, 3)
    assert used(box, flown) == 3
    box.freeze(True)
    offer(box, 4)
    assert used(box, flown) == 3
    box.freeze(False)
    assert used(box, flown) == 4


def test_the_shelf_keeps_the_newest_and_thins_the_old() -> None:
    numbers = list(range(1500, 0, -1))
    kept = sorted(set(numbers) - set(surplus(numbers)), reverse=True)
    assert kept[:20] == list(range(1500, 1480, -1))
    assert kept[20:] == list(range(1480, 680, -10))


def test_what_is_said_of_the_learner_does_not_keep_its_weights_out() -> None:
    box, flown = WeightManager(FITS), policy()
    offer(box, 7)
    box.on_published(1000)
    box.on_published(2**64 - 1)
    assert box.newest == 1000 and box.rejected == 1 and "ignored" in box.last_rejection
    offer(box, 8)
    assert used(box, flown) == 8
    offer(box, 2**63)
    assert used(box, flown) == 8 and "refused" in box.last_rejection


def test_sizes_that_lie_allocate_nothing() -> None:
    """A first layer of 4096 units and no inputs is no byte long."""
    data = save({"net.0.weight": torch.zeros(4096, 0)})
    with pytest.raises(CheckpointError, match="has shape"):
        unpack_actor(data, 14, 2)


@pytest.mark.parametrize(("learned", "taken"), [("zero", True), ("", True), ("sampled", False)])
def test_weights_for_another_noise_are_refused_and_stop_the_robot(learned: str, taken: bool) -> None:
    box = WeightManager(WeightCompatibility("run", "base", 14, 2, "latent, scale 1", "zero"))
    data = pack_actor(Actor(ActorShape(14, 2)), {"run": "run", "base": "base", "flow_noise": learned})
    box.offer(data, "run", 1, "base", checksum_of(data))
    assert (box.rejected == 0, box.mismatch == "") == (taken, taken)
    if not taken:
        assert box.mismatch.startswith("weights for flow noise sampled refused: this policy's is zero; start ")


def test_weights_that_steer_something_else_are_blamed_on_the_steering_and_stop_the_robot() -> None:
    box = WeightManager(WeightCompatibility("run", "base", 14, 2, "latent, scale 0.5"))
    other = {"run": "run", "base": "base", "steering": "action, scale 0.2"}
    data = pack_actor(Actor(ActorShape(14, 10, 8)), other)
    box.offer(data, "run", 1, "base", checksum_of(data))
    assert "action, scale 0.2" in box.last_rejection and "latent, scale 0.5" in box.last_rejection
    assert box.mismatch == box.last_rejection
    offer(box, 2)  # of an earlier version: it does not say
    assert box.mismatch == "" and box.newest == 2


def test_weights_for_another_base_stop_the_robot_and_those_of_another_run_do_not() -> None:
    box = WeightManager(FITS)
    offer(box, 1, run="other")
    assert box.rejected == 1 and box.mismatch == ""
    offer(box, 2, base="other")
    assert "start policy and learner with the same base" in box.mismatch


def test_weights_stored_by_an_earlier_version_are_used(tmp_path: Path) -> None:
    store = WeightStore(tmp_path)
    store.keep(7, weights(7, base="0123456789abcdef"))
    assert WeightManager(WeightCompatibility("run", "f" * 64, 14, 2), store).rejected == 1
    box = WeightManager(WeightCompatibility("run", "f" * 64, 14, 2, "latent, scale 1", "", "0123456789abcdef"), store)
    assert box.rejected == 0 and used(box, policy()) == 7
