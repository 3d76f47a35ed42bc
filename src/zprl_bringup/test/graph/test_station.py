"""Stations: the examples load, a station reaches its nodes, and what is wrong is named."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zprl.checkpoints.checkpoint import save_base
from zprl.models.base_policy import BasePolicy
from zprl.models.config import BaseConfig
from zprl.rl.presets import CPU
from zprl_bringup.graph.graphs import finetune_graph
from zprl_bringup.graph.paths import config_file
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_bringup.graph.station import Station, load_station
from zprl_core.errors import CheckpointError
from zprl_core.latency import Latency
from zprl_core.observation_spec import arm_observation

SIMULATED = config_file("stations/simulated_franka.yaml")
EXAMPLES = sorted(set(config_file("stations").glob("*.yaml")) - {SIMULATED})


def written(folder: Path, text: str) -> Path:
    path = folder / "station.yaml"
    path.write_text(text)
    return path


def nodes(station: Station) -> dict[str, NodeSpec]:
    options = RunOptions(base=Path("/base"), robot="franky", lockstep=False)
    settings = GraphSettings("run", Path("/r"), options, station=station, config=station.finetune)
    return {node.name: node for node in finetune_graph(settings).nodes}


def test_the_papers_four_tasks_are_there() -> None:
    assert [path.stem for path in EXAMPLES] == ["flip_egg", "insert_bills", "open_box", "place_orange"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_lies_in_the_authors_ranges(path: Path) -> None:
    station = load_station(path)
    learner = station.finetune.learner
    assert station.task == path.stem and [camera.name for camera in station.cameras] == ["front", "wrist"]
    assert 0.15 <= station.finetune.steering.latent_scale <= 0.2  # lambda
    assert 8 <= station.chunk.n_action_steps <= 16 and 2.0 <= learner.utd <= 5.0 and 5 <= learner.sac.critics <= 10
    assert 0.99 <= learner.sac.discount <= 0.998 and learner.warmup == 500
    assert station.franky.translational_stiffness * station.franky.error_clip_m < station.limits.force


def test_the_simulated_franka_learns_with_the_numbers_of_preset_cpu_but_sooner() -> None:
    station = load_station(SIMULATED)
    recipe = RunOptions(latency=Latency.REAL).recipe
    assert not station.cameras and station.chunk.n_action_steps == recipe.n_action_steps
    assert station.finetune == replace(CPU, learner=replace(CPU.learner, warmup=500))


def test_an_example_is_found_by_its_name_unless_there_is_such_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_station(Path("simulated_franka")) == load_station(SIMULATED)
    (tmp_path / "simulated_franka").write_text("task: mine")
    assert load_station(Path("simulated_franka")).task == "mine"
    with pytest.raises(ValueError, match=r"cannot read the station.*'no_such_one'"):
        load_station(Path("no_such_one"))


def test_a_calibration_file_lies_beside_its_station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    a, b = "{name: a, serial: _1, calibration: c/a.yaml}", "{name: b, serial: _2, calibration: /c/b.yaml}"
    written(tmp_path, f"cameras: [{a}, {b}, {{name: c, serial: _3}}]")
    monkeypatch.chdir(tmp_path / "elsewhere")
    beside, absolute, none = (camera.calibration for camera in load_station(Path("../station.yaml")).cameras)
    assert (absolute, none) == ("/c/b.yaml", "")
    monkeypatch.chdir("/")
    assert Path(beside).resolve() == tmp_path / "c" / "a.yaml"


def test_a_station_reaches_its_nodes() -> None:
    station = load_station(config_file("stations/insert_bills.yaml"))
    graph = nodes(station)
    assert sorted(graph) == ["arm", "camera_front", "camera_wrist", "episode", "learner", "operator", "policy"]
    arm, camera = graph["arm"].parameters, graph["camera_wrist"]
    assert (arm["control_rate"], arm["dead_man"], arm["cameras"]) == (10.0, True, ["front", "wrist"])
    assert arm["limits.low"] == list(station.limits.low) and arm["limits.force"] == 20.0
    assert arm["franky.hostname"] == "172.16.0.2" and arm["franky.error_clip_m"] == 0.02
    assert camera.parameters["name"] == "wrist" and camera.parameters["depth"] is True and camera.enclave == "/camera"
    policy, learner = graph["policy"].parameters, graph["learner"].parameters
    assert (policy["control_rate"], policy["steering.latent_scale"]) == (10.0, 0.15)
    assert learner["learner.utd"] == 3.0 and policy["discount"] == 0.997
    assert graph["episode"].parameters["time_limit_s"] == 45.0 and graph["episode"].parameters["automatic"] is False


def test_another_hostname_goes_before_the_stations() -> None:
    settings = GraphSettings(
        "run", Path("/r"), RunOptions(base=Path("/base"), robot="franky", lockstep=False, hostname="10.0.0.5")
    )
    (arm,) = finetune_graph(settings).find("franka_arm_node")
    assert arm.parameters["franky.hostname"] == "10.0.0.5"


@pytest.mark.parametrize("robot", ["franky", "fci-sim"])
def test_springs_of_a_franka_press_less_than_the_limits_allow(tmp_path: Path, robot: str) -> None:
    station = load_station(written(tmp_path, "limits: {force: 10.0}"))
    with pytest.raises(ValueError, match="can press with translational_stiffness times error_clip_m = 24 N"):
        GraphSettings("run", Path("/r"), RunOptions(base=Path("/b"), robot=robot, lockstep=False), station=station)
    GraphSettings("run", Path("/r"), RunOptions(base=Path("/b"), robot="mujoco", lockstep=False), station=station)


def test_a_simulation_has_no_cameras_of_a_station() -> None:
    station = load_station(config_file("stations/open_box.yaml"))
    with pytest.raises(ValueError, match="has no cameras; remove them"):
        GraphSettings("run", Path("/r"), RunOptions(base=Path("/b"), robot="mujoco", lockstep=False), station=station)
    without = replace(station, cameras=())
    GraphSettings("run", Path("/r"), RunOptions(base=Path("/b"), robot="mujoco", lockstep=False), station=without)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("contol_rate: 10", "no setting 'contol_rate'; did you mean control_rate"),
        ("limits: {speed: 1.0}", "no setting 'limits.speed'; did you mean limits.speed_m"),
        ("limits: 3", "no setting 'limits' by itself; it has low, high, speed_m"),
        ("limits: {low: [0.5, 0, 0]}", "limits.low must be a list of 6 values"),
        ("control_rate: fast", "control_rate is 'fast'; it must be a number"),
        ("control_rate: .nan", "control_rate is nan; it must be a finite number"),
        ("chunk: {horizon: 4}", "chunk.n_action_steps must lie within 1..chunk.horizon"),
        ("franky: {control: magic}", "franky.control is 'magic'; choose one of impedance, pose, velocity"),
        ("cameras: {name: front}", "cameras must be a list"),
        ("cameras: [{serial: _1}]", r"cameras\[0\] has no name"),
        ("cameras: [{name: a}, {name: a}]", "two cameras have the same name"),
        ("cameras: [{name: front, fsp: 30}]", r"cameras\[0\]: there is no setting 'fsp'; did you mean fps"),
        ("- a list", "it has no settings"),
        ("a: [", "cannot be used"),
        ("!!python/object/apply:os.system ['true']", "cannot be used"),
        ("1: 2", "not the name of a setting"),
        ("x: " + "y" * 100_001, "larger than 100000 bytes"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        load_station(written(tmp_path, text))


def test_a_station_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read the station"):
        load_station(tmp_path / "none.yaml")


def test_a_base_with_other_chunks_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_base(
        tmp_path / "base",
        BasePolicy(BaseConfig(arm_observation(("cube",)), latent_dim=2, horizon=16, n_action_steps=4, hidden=8)),
    )
    station = Station()
    with pytest.raises(ValueError, match="executes 4, the station says 16 and 8"):
        station.check_base(tmp_path / "base")
    replace(station, chunk=replace(station.chunk, n_action_steps=4)).check_base(tmp_path / "base")
    with pytest.raises(CheckpointError):
        station.check_base(tmp_path / "nothing")


def test_whole_numbers_in_a_file_are_floats_for_ros(tmp_path: Path) -> None:
    """ROS has a type for each, and takes no list of both."""
    path = written(tmp_path, "control_rate: 10\nlimits: {low: [0.3, 0, 0.02, 0, 0, -1], speed_m: 1}\nlead: 2")
    arm = nodes(load_station(path))["arm"].parameters
    assert {type(value) for value in arm["limits.low"]} == {float}  # type: ignore[union-attr]
    assert {type(arm[name]) for name in ("control_rate", "limits.speed_m", "command_gain")} == {float}
    assert type(nodes(load_station(path))["learner"].parameters["learner.warmup"]) is int


def test_a_station_goes_before_what_a_simulated_arm_wants() -> None:
    station = replace(Station(), limits=replace(Station().limits, force=77.0))
    for kind, executable in (("mujoco", "mujoco_arm_node"), ("fci-sim", "franka_arm_node")):
        settings = GraphSettings(
            "run", Path("/r"), RunOptions(base=Path("/b"), robot=kind, lockstep=False), station=station
        )
        (arm,) = finetune_graph(settings).find(executable)
        assert arm.parameters["limits.force"] == 77.0


def test_a_file_for_an_earlier_version_is_read(tmp_path: Path) -> None:
    station = load_station(written(tmp_path, "lead: 2.0\nchunk: {horizon: 8, execute: 4}"))
    assert (station.command_gain, station.chunk.horizon, station.chunk.n_action_steps) == (2.0, 8, 4)
    with pytest.raises(ValueError, match="command_gain is given twice, also under its old name; remove the old one"):
        load_station(written(tmp_path, "lead: 2.0\ncommand_gain: 2.0"))
