"""Compares a base that sees with the cameras of the station of a real arm."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl.checkpoints.checkpoint import write_folder
from zprl.models.config import BaseConfig
from zprl.models.vision_config import VisionConfig
from zprl_bringup.graph.preflight import preflight
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Parameter
from zprl_bringup.graph.station import Station
from zprl_core.observation_spec import ObservationSpec, arm_observation, camera_stream, depth_stream
from zprl_hardware.cameras.camera import CameraSettings
from zprl_sim.tasks.lift import LIFT_CUBE

ROS2_CONTROL: dict[str, Parameter] = {
    "ros2_control.command_interface": "cartesian",
    "ros2_control.base_frame": "fr3_link0",
    "ros2_control.gripper": "gripper_command",
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base that sees color and depth of 64x48 through the camera front, as far as the graph reads it."""
    color, depth = replace(camera_stream("front"), shape=(48, 64, 3)), depth_stream("front", 0.2, 1.2, (48, 64))
    seen = ObservationSpec((*arm_observation(()).streams, color, depth))
    config = BaseConfig(seen, latent_dim=2, hidden=8, action=LIFT_CUBE.action, vision=VisionConfig())
    write_folder(tmp_path / "base", {}, {"base": config.to_json()})
    return tmp_path / "base"


def at(robot: str, base: Path | None, *cameras: CameraSettings) -> GraphSettings:
    options = RunOptions(base=base, robot=robot, lockstep=False)
    driver = ROS2_CONTROL if robot == "ros2-control" else {}
    return GraphSettings("run", Path("/runs/run"), options, station=Station(cameras=cameras, driver=driver))


def camera(name: str = "front", **changes: Any) -> CameraSettings:
    return CameraSettings(name, **{"serial": f"_{name}", "width": 64, "height": 48, "depth": True, **changes})


@pytest.mark.parametrize("robot", ["franky", "ros2-control"])
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"width": 640, "height": 480}, "images of 64x48 from camera front, but the station's are 640x480"),
        ({"width": 48, "height": 64}, "images of 64x48 from camera front, but the station's are 48x64"),
        ({"depth": False}, "the depth of camera front, but the station does not enable it; set depth to true"),
    ],
)
def test_a_camera_of_the_station_that_gives_other_images_is_refused(
    robot: str, changes: dict[str, Any], why: str, base: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        at(robot, base, camera(**changes))


@pytest.mark.parametrize("robot", ["franky", "ros2-control"])
def test_cameras_that_fit_and_further_ones_need_no_word(robot: str, base: Path) -> None:
    assert "camera" not in preflight(at(robot, base, camera(), camera("back", width=640, depth=False)))


@pytest.mark.parametrize("robot", ["franky", "ros2-control"])
def test_a_camera_that_the_station_lacks_is_told_of(robot: str, base: Path) -> None:
    said = preflight(at(robot, base, camera("back")))
    assert "camera/front/color/image_raw, camera/front/aligned_depth_to_color/image_raw" in said
    assert "add the camera to the station, or publish its images yourself" in said


def test_a_base_that_does_not_see_needs_no_camera(tmp_path: Path) -> None:
    config = BaseConfig(arm_observation(("cube",)), latent_dim=2, hidden=8, action=LIFT_CUBE.action)
    write_folder(tmp_path / "base", {}, {"base": config.to_json()})
    for cameras in ((), (camera(),)):
        assert "camera" not in preflight(at("franky", tmp_path / "base", *cameras))
