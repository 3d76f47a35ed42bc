"""A base and an arm that do not go together are no error, but a person is told."""

from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation
from zprl_hardware.franka.config import FrankyConfig


@pytest.fixture
def base(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "base"
    save_base(folder, BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)), pace="ideal")
    return folder


def of(base: Path | None, robot: str, latency: Latency = Latency.IDEAL) -> str:
    return preflight(
        GraphSettings("run", Path("/runs/run"), RunOptions(base=base, lockstep=False, robot=robot, latency=latency))
    )


def test_what_goes_together_needs_no_word(base: Path) -> None:
    assert of(base, "sim") == of(None, "mujoco") == of(None, "fci-sim") == ""


@pytest.mark.parametrize("robot", ["mujoco", "fci-sim", "franky"])
def test_a_base_of_an_ideal_arm_is_in_a_hurry_on_a_real_one(base: Path, robot: str) -> None:
    said = of(base, robot)
    assert "latency ideal, but the latency of this arm is real" in said and "zprl pretrain --latency real" in said


def test_the_simulation_has_the_latency_that_was_chosen(base: Path) -> None:
    assert "the latency of this arm is real" in of(base, "sim", Latency.REAL)


def test_a_base_that_was_pretrained_on_springs_suits_every_arm_that_lags(tmp_path: Path) -> None:
    save_base(
        tmp_path / "soft", BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)), pace="impedance"
    )
    assert of(tmp_path / "soft", "fci-sim") == of(tmp_path / "soft", "sim", Latency.REAL) == ""
    assert "latency impedance, but the latency of this arm is ideal" in of(tmp_path / "soft", "sim")


def test_a_real_arm_without_real_time_is_told_of_before_it_starts() -> None:
    station = Station(franky=FrankyConfig(enforce_realtime=False))

    def said(robot: str) -> str:
        host = "10.0.0.5" if robot == "franky" else ""
        return preflight(
            GraphSettings("r", Path("/r"), RunOptions(lockstep=False, robot=robot, hostname=host), station=station)
        )

    assert "the arm at 10.0.0.5 is driven anyway" in said("franky")
    assert said("fci-sim") == of(None, "franky") == ""


def rate_of(folder: Path, learned: object, robot: str, station: Station) -> str:
    save_base(folder, BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)), control_rate=learned)
    return preflight(
        GraphSettings("run", Path("/runs/run"), RunOptions(base=folder, lockstep=False, robot=robot), station=station)
    )


def test_a_base_of_shorter_steps_is_slow_in_a_station_of_longer_ones(tmp_path: Path) -> None:
    """20 actions of 1 cm make 20 cm/s; at 10 steps a second the same actions make 10 cm/s: 0.5 times as fast."""
    ten, twenty = Station(control_rate=10.0), Station(control_rate=20.0)
    said = rate_of(tmp_path / "base", 20.0, "franky", ten)
    assert "20 Hz, but the control rate of this arm is 10 Hz: it will move 0.5 times as fast" in said
    assert rate_of(tmp_path / "base", 20.0, "mujoco", twenty) == ""
    assert rate_of(tmp_path / "base", 20.0, "sim", ten) == ""  # the simulation has one rate
    for damaged in (True, "20", 0, -1.0, 10**400, None):
        assert rate_of(tmp_path / "base", damaged, "franky", ten) == ""


def test_a_base_from_elsewhere_says_nothing(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_base(tmp_path / "other", BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)))
    assert of(tmp_path / "other", "fci-sim") == ""


def test_a_base_that_is_not_there_is_for_the_policy_node_to_refuse(tmp_path: Path) -> None:
    assert of(tmp_path / "nowhere", "fci-sim") == ""
