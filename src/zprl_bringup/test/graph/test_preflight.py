"""A base and an arm that do not go together are no error, but a person is told."""

from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.settings import GraphSettings, RobotKind
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


def of(base: Path | None, robot: RobotKind, latency: Latency = Latency.IDEAL) -> str:
    return preflight(GraphSettings("run", Path("/runs/run"), base, lockstep=False, robot=robot, latency=latency))


def test_what_goes_together_needs_no_word(base: Path) -> None:
    assert of(base, RobotKind.SIM) == of(base, RobotKind.MUJOCO) == of(None, RobotKind.FCI_SIM) == ""


@pytest.mark.parametrize("robot", [RobotKind.FCI_SIM, RobotKind.FRANKY])
def test_a_base_of_an_ideal_arm_is_in_a_hurry_on_a_real_one(base: Path, robot: RobotKind) -> None:
    assert "latency ideal, this one's is real" in of(base, robot) and "zprl pretrain --latency real" in of(base, robot)


def test_the_simulation_has_the_latency_that_was_chosen(base: Path) -> None:
    assert "this one's is real" in of(base, RobotKind.SIM, Latency.REAL)


def test_a_real_arm_without_real_time_is_told_of_before_it_starts() -> None:
    station = Station(franky=FrankyConfig(enforce_realtime=False))

    def said(robot: RobotKind) -> str:
        host = "10.0.0.5" if robot == RobotKind.FRANKY else ""
        return preflight(
            GraphSettings("r", Path("/r"), None, lockstep=False, robot=robot, station=station, hostname=host)
        )

    assert "the arm at 10.0.0.5 is driven all the same" in said(RobotKind.FRANKY)
    assert said(RobotKind.FCI_SIM) == of(None, RobotKind.FRANKY) == ""


def rate_of(folder: Path, learned: object, robot: RobotKind, station: Station) -> str:
    save_base(folder, BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)), control_rate=learned)
    return preflight(GraphSettings("run", Path("/runs/run"), folder, lockstep=False, robot=robot, station=station))


def test_a_base_of_shorter_steps_is_slow_in_a_station_of_longer_ones(tmp_path: Path) -> None:
    """20 actions of 1 cm make 20 cm/s; at 10 steps a second the same actions make 10 cm/s: 0.5 times as fast."""
    ten, twenty = Station(control_rate=10.0), Station(control_rate=20.0)
    said = rate_of(tmp_path / "base", 20.0, RobotKind.FRANKY, ten)
    assert "20 control steps in a second, this arm does 10: it will move 0.5 times as fast" in said
    assert rate_of(tmp_path / "base", 20.0, RobotKind.MUJOCO, twenty) == ""
    assert rate_of(tmp_path / "base", 20.0, RobotKind.SIM, ten) == ""  # the simulation has one rate
    for damaged in (True, "20", 0, -1.0, 10**400, None):
        assert rate_of(tmp_path / "base", damaged, RobotKind.FRANKY, ten) == ""


def test_a_base_from_elsewhere_says_nothing(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_base(tmp_path / "other", BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8)))
    assert of(tmp_path / "other", RobotKind.FCI_SIM) == ""


def test_a_base_that_is_not_there_is_for_the_policy_node_to_refuse(tmp_path: Path) -> None:
    assert of(tmp_path / "nowhere", RobotKind.FCI_SIM) == ""
