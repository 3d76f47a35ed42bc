"""The world for Gazebo has the scene of the MuJoCo task, and what resets and poses need.

Gazebo itself is not run here. The world is read as XML, and by the parser of libsdformat where `ign sdf` is installed
(Debian: ignition-tools and libsdformat-dev).
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from gazebo_files import Box, boxes_of_mujoco, numbers, parsed, rounded, world
from zprl_bringup.ros_launch.gazebo_programs import gazebo_file
from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY

WORLD = world()


def model(name: str) -> ET.Element:
    return next(each for each in WORLD.findall("model") if each.get("name") == name)


def link_of(name: str) -> ET.Element:
    link = model(name).find("link")
    assert link is not None
    return link


def boxes_of_sdf(link: ET.Element) -> list[Box]:
    return sorted(
        rounded(numbers(each.findtext("pose", "0 0 0 0 0 0"))[:3], numbers(each.findtext("geometry/box/size")))
        for each in link.findall("collision")
    )


@pytest.fixture(scope="module")
def robot() -> Iterator[SimRobot]:
    made = SimRobot(PICK_TO_TRAY, deployed=False)
    yield made
    made.close()


def test_the_parser_of_gazebo_accepts_the_world() -> None:
    assert "Valid" in parsed("-k", str(gazebo_file("pick_to_tray.sdf")))


def test_the_world_has_what_spawning_resets_and_poses_need() -> None:
    assert GazeboSceneSettings().set_pose == f"/world/{WORLD.get('name')}/set_pose"
    names = {plugin.get("name", "").removeprefix("gz::sim::systems::") for plugin in WORLD.findall("plugin")}
    assert names == {"Physics", "UserCommands", "SceneBroadcaster"}
    for name in PICK_TO_TRAY.objects:
        (plugin,) = model(name).findall("plugin")
        assert plugin.get("name") == "gz::sim::systems::PosePublisher"
        assert plugin.findtext("publish_model_pose") == plugin.findtext("publish_nested_model_pose") == "true"
        assert plugin.findtext("publish_link_pose") == "false"


def test_the_table_is_that_of_mujoco(robot: SimRobot) -> None:
    plane = next(g for g in range(robot.model.ngeom) if robot.model.geom_type[g] == mujoco.mjtGeom.mjGEOM_PLANE)
    table = model("table")
    assert table.findtext("static") == "true"
    ((_, edges),) = boxes_of_sdf(link_of("table"))
    assert numbers(table.findtext("pose"))[2] + edges[2] / 2 == robot.model.geom_pos[plane][2] == 0.0
    assert edges[:2] == tuple(2 * robot.model.geom_size[plane][:2])


@pytest.mark.parametrize("name", PICK_TO_TRAY.objects)
def test_the_objects_are_those_of_mujoco(robot: SimRobot, name: str) -> None:
    body, found, link = robot.model.body(name), model(name), link_of(name)
    assert boxes_of_sdf(link) == boxes_of_mujoco(robot, name)
    movable = bool(body.jntnum[0])
    assert (found.findtext("static") == "true") is not movable
    thing = next(each for each in PICK_TO_TRAY.things if each.name == name)
    assert numbers(found.findtext("pose"))[2] == thing.z  # type: ignore[union-attr]
    if movable:
        assert float(link.findtext("inertial/mass", "nan")) == pytest.approx(body.mass[0])
        inertia = [float(link.findtext(f"inertial/inertia/{axis}", "nan")) for axis in ("ixx", "iyy", "izz")]
        assert inertia == pytest.approx(body.inertia.tolist())
        mu = float(link.findtext("collision/surface/friction/ode/mu", "nan"))
        assert mu == robot.model.geom_friction[body.geomadr[0]][0]
