"""Articulated and placed objects: reset, perceived, and refused when the scene does not have what they describe."""

import math
from collections.abc import Callable
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.bodies import Scene
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Mismatch, PlacementRegion, SceneObject, ScenePart, Task

LIFT = task_named("lift")
BOX = mujoco.mjtGeom.mjGEOM_BOX
SLIDE, HINGE = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
REGION = PlacementRegion((0.5, 0.6), (-0.1, 0.1))


def build_cabinet(scene: Scene, size: float) -> None:
    """A cabinet with a drawer that the policy sees, and a door that it does not see."""
    cabinet = scene.worldbody.add_body(name="cabinet")
    cabinet.add_geom(type=BOX, size=[0.05, 0.05, 0.01 * size], pos=[0.0, 0.0, 0.01])
    drawer = cabinet.add_body(name="drawer", pos=[0.0, 0.0, 0.1])
    drawer.add_joint(name="slide", type=SLIDE, axis=[-1, 0, 0], range=[0.0, 0.15])
    drawer.add_geom(type=BOX, size=[0.02, 0.02, 0.02])
    door = cabinet.add_body(name="door", pos=[0.0, 0.1, 0.1])
    door.add_joint(name="hinge", type=HINGE, axis=[0, 0, 1])
    door.add_geom(type=BOX, size=[0.01, 0.01, 0.02])


CABINET = replace(
    LIFT,
    name="cabinet",
    things=(SceneObject("cabinet", REGION, 0.0, movable=False), ScenePart("drawer", (0.02, 0.05))),
    build=build_cabinet,
    demo_region={"cabinet": REGION},
)


def test_a_reset_draws_the_opening_of_a_drawer_on_a_placed_cabinet() -> None:
    robot = SimRobot(CABINET)
    for seed in range(5):
        robot.reset(seed)
        opening = robot.data.joint("slide").qpos[0]
        assert 0.02 <= opening <= 0.05
        things = robot.things()
        expected = np.add(things["cabinet"].position, (-opening, 0.0, 0.1))
        assert things["drawer"].position == pytest.approx(expected)
        assert 0.5 <= things["cabinet"].position[0] <= 0.6
    assert set(robot.observe().objects) == {"cabinet", "drawer"}


def test_placing_the_objects_closes_a_drawer_and_leaves_the_arm() -> None:
    robot = SimRobot(CABINET)
    for _ in range(5):
        robot.step(ArmTarget(Pose((0.45, 0.1, 0.3), 0.2), 0.02))
    robot.data.joint("slide").qpos, robot.data.joint("slide").qvel = 0.14, 1.0
    robot.data.joint("hinge").qpos, robot.data.joint("hinge").qvel = 0.7, -1.0
    arm, speed = robot.joint_positions, robot.joint_velocities
    robot.place_things(3)
    assert np.array_equal(robot.joint_positions, arm) and np.array_equal(robot.joint_velocities, speed)
    assert 0.02 <= robot.data.joint("slide").qpos[0] <= 0.05
    assert robot.data.joint("hinge").qpos[0] == robot.data.joint("hinge").qvel[0] == 0.0
    assert robot.data.joint("slide").qvel[0] == 0.0


def test_a_hinge_turns_what_is_perceived() -> None:
    things = (ScenePart("door", (0.3, 0.3)),)
    robot = SimRobot(replace(CABINET, things=things, demo_region={}))
    assert robot.things()["door"].yaw == pytest.approx(0.3)


def test_friction_of_a_mismatch_reaches_what_slides_on_the_table() -> None:
    def sliding(friction: float) -> float:
        robot = SimRobot(replace(LIFT, mismatch=Mismatch(friction=friction)))
        cube = robot.model.body("cube").geomadr[0]
        robot.step(ArmTarget(Pose((0.45, 0.0, 0.3), 0.0), 0.08))
        contacts = [contact.friction[0] for contact in robot.data.contact if cube in contact.geom]
        assert contacts
        return float(contacts[0])

    assert sliding(0.5) == pytest.approx(0.5 * sliding(1.0))
    assert sliding(1.5) == pytest.approx(1.5 * sliding(1.0))


def part(*things: SceneObject | ScenePart) -> Callable[[], Task]:
    placed = {thing.name: REGION for thing in things if isinstance(thing, SceneObject)}
    return lambda: replace(CABINET, things=things, demo_region=placed)


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (part(SceneObject("drawer", REGION, 0.0)), "the body 'drawer' is part of another; add it to scene.worldbody"),
        (part(ScenePart("cabinet")), "the body 'cabinet' has no joint; a ScenePart has one slide or hinge joint"),
        (
            part(SceneObject("cabinet", REGION, 0.0)),
            "the body 'cabinet' has no joint; a movable SceneObject needs a free",
        ),
        (part(ScenePart("lid")), "cabinet: the scene has no body 'lid'"),
        (
            lambda: replace(LIFT, things=(ScenePart("cube"),), demo_region={}),
            "the body 'cube' has a free joint; a ScenePart",
        ),
        (
            lambda: replace(LIFT, things=(replace(LIFT.things[0], movable=False),)),
            "the body 'cube' has a free joint; a SceneObject with movable=False has none",
        ),
    ],
)
def test_an_object_that_the_scene_does_not_have_is_refused(task: Callable[[], Task], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        SimRobot(task())


def test_a_slide_joint_of_an_object_that_should_lie_free() -> None:
    def build(scene: Scene, size: float) -> None:
        body = scene.worldbody.add_body(name="cube")
        body.add_joint(type=SLIDE)
        body.add_geom(type=BOX, size=[0.02, 0.02, 0.02])

    with pytest.raises(
        ValueError, match="has a slide joint; a movable SceneObject needs a free joint, a part on a slide"
    ):
        SimRobot(replace(LIFT, build=build))


def test_what_a_part_and_a_builder_may_be() -> None:
    with pytest.raises(ValueError, match="drawer: the low end of start must not exceed"):
        ScenePart("drawer", (0.2, 0.1))
    with pytest.raises(ValueError, match=r"build takes \(scene, size\)"):
        replace(LIFT, build=lambda scene, size, friction: None)
    assert math.tau == ScenePart("drawer").symmetry
